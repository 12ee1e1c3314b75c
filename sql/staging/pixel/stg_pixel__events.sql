-- One row per event of the shop's pixel or its server-side twin, as it was sent (D-47).
-- Browsers send what they like: an instant or an amount that is none is null and stops nothing. No event is later than its receipt.
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "received_at": "VARCHAR",
      "provenance": {"origin_type": "VARCHAR"},
      "body": {
        "visitor_id": "VARCHAR", "session_id": "VARCHAR", "event_id": "VARCHAR", "event": "VARCHAR", "ts": "VARCHAR",
        "data": {
          "product_id": "VARCHAR", "variant_id": "VARCHAR", "quantity": "VARCHAR", "price": "VARCHAR", "currency": "VARCHAR",
          "cart_token": "VARCHAR", "checkout_token": "VARCHAR", "order_id": "VARCHAR", "email": "VARCHAR", "value": "VARCHAR"
        },
        "attribution": {
          "utm_source": "VARCHAR", "utm_medium": "VARCHAR", "utm_campaign": "VARCHAR", "utm_content": "VARCHAR",
          "utm_term": "VARCHAR", "utm_id": "VARCHAR", "gclid": "VARCHAR", "gbraid": "VARCHAR", "wbraid": "VARCHAR",
          "fbclid": "VARCHAR", "ttclid": "VARCHAR", "landing_page": "VARCHAR", "landed_at": "VARCHAR"
        },
        "context": {"url": "VARCHAR", "referrer": "VARCHAR"},
        "consent": "VARCHAR"
      }
    }') as e,
  from raw.pixel__events
),

timed as (
  select
    _key,
    _slice,
    e.body as b,
    upper(coalesce(clean_text(e.body.data.currency), getvariable('currency'))) as currency,
    told_instant(e.received_at) as received_at,
    told_instant(e.body.ts) as told_at,
    e.provenance.origin_type as origin_type,
    -- Null is no limit to least().
    least(told_at, received_at) as event_at,
  from parsed
)

select
  _key,
  _slice,
  clean_text(b.event_id) as event_id,
  lower(clean_text(b.event)) as event_kind,
  event_at,
  received_at,
  told_at,
  -- pixel: a browser; webhook: the shop's server; file.
  origin_type,
  coalesce(b.consent, '{}') <> '{}' as is_consent_told,
  clean_text(b.visitor_id) as visitor_id,
  clean_text(b.session_id) as session_id,
  clean_text(b.data.cart_token) as cart_token,
  clean_text(b.data.checkout_token) as checkout_token,
  gid_tail(clean_text(b.data.order_id)) as order_ref,
  lower(clean_text(b.data.email)) as email_hash,
  gid_tail(clean_text(b.data.product_id)) as product_ref,
  gid_tail(clean_text(b.data.variant_id)) as variant_ref,
  try_cast(b.data.quantity as bigint) as quantity,
  minor_units(told_amount(b.data.price), currency) as price_cents,
  minor_units(told_amount(b.data.value), currency) as value_cents,
  currency,
  clean_text(b.context.url) as page_url,
  clean_text(b.context.referrer) as referring_site,
  clean_text(b.attribution.landing_page) as landing_site,
  -- A visit begins before what happens in it.
  least(told_instant(b.attribution.landed_at), event_at) as landed_at,
  clean_text(b.attribution.gclid) as gclid,
  case
    when clean_text(b.attribution.gclid) is not null then 'gclid'
    when clean_text(b.attribution.gbraid) is not null then 'gbraid'
    when clean_text(b.attribution.wbraid) is not null then 'wbraid'
    when clean_text(b.attribution.fbclid) is not null then 'fbclid'
    when clean_text(b.attribution.ttclid) is not null then 'ttclid'
  end as click_kind,
  coalesce(clean_text(b.attribution.utm_source), url_parameter(b.attribution.landing_page, 'utm_source')) as utm_source,
  coalesce(clean_text(b.attribution.utm_medium), url_parameter(b.attribution.landing_page, 'utm_medium')) as utm_medium,
  coalesce(clean_text(b.attribution.utm_campaign), url_parameter(b.attribution.landing_page, 'utm_campaign')) as utm_campaign,
  coalesce(clean_text(b.attribution.utm_content), url_parameter(b.attribution.landing_page, 'utm_content')) as utm_content,
  coalesce(clean_text(b.attribution.utm_term), url_parameter(b.attribution.landing_page, 'utm_term')) as utm_term,
  coalesce(clean_text(b.attribution.utm_id), url_parameter(b.attribution.landing_page, 'utm_id')) as utm_id,
from timed
