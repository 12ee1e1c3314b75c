-- Every event of the shop's own pixel, one row each, on its day in the shop's time zone (D-47).
-- grain: event_key
-- may be empty
select
  _key as event_key,
  event_kind,
  event_at,
  day_in_zone(event_at) as event_date,
  received_at,
  told_at,
  origin_type,
  is_consent_told,
  visitor_id,
  session_id,
  cart_token,
  checkout_token,
  order_ref,
  email_hash,
  product_ref,
  variant_ref,
  quantity,
  price_cents,
  value_cents,
  currency,
  page_url,
  referring_site,
  landing_site,
  landed_at,
  gclid,
  click_kind,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
  utm_id,
from stg_pixel__events
where visitor_id is not null
  and event_at is not null
