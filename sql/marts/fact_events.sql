-- What visitors did, one row per event of GA4's export; purchases once per transaction. Days are the property's own (D-05).
-- The session key is null where consent was refused. Order within a session: event_at, batch_page, batch_ordering, batch_event.
-- grain: event_date, event_key
-- version: 1
select
  event_date,
  event_key,
  event_kind,
  event_at,
  event_name,
  session_key,
  user_pseudo_id,
  web_user_id,
  default_branch_id,
  web_customer_id,
  page_title,
  page_location,
  page_referrer,
  search_term,
  transaction_id,
  revenue_cents,
  currency,
  items,
  device_category,
  device_operating_system,
  geo_country,
  geo_city,
  batch_page,
  batch_ordering,
  batch_event,
from int_events__deduplicated
order by event_date, event_key
