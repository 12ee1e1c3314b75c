-- What visitors did, one row per event of GA4's export and each once, purchases once per transaction (D-63). Days are the property's own (D-05).
-- The session key is null where consent was refused. Order within a session: event_at, batch_page, batch_ordering, batch_event.
-- `person_key` is one person over sessions and devices: u:<web user id> or p:<browser>; `user_id` is that person in `dim_user`.
-- Rows lie as they landed, kind after kind and day after day, so that both are found without reading the rest: no sort of rows that carry lists,
-- which is what would have to be spilled.
-- grain: event_date, event_key
-- version: 2
with

known as (
  select
    e.event_date,
    e.event_key,
    e.event_kind,
    e.event_at,
    e.event_name,
    e.session_key,
    e.user_pseudo_id,
    e.web_user_id,
    e.default_branch_id,
    e.web_customer_id,
    e.page_title,
    e.page_location,
    e.page_referrer,
    e.search_term,
    e.transaction_id,
    e.revenue_cents,
    e.refund_cents,
    e.currency,
    e.items,
    e.device_category,
    e.device_operating_system,
    e.geo_country,
    e.geo_city,
    e.batch_page,
    e.batch_ordering,
    e.batch_event,
    coalesce(e.web_user_id, s.web_user_id, v.web_user_id) as person_user_id,
  from stg_events as e
  left join int_events__repeated as r
    on r.event_date = e.event_date
    and r.event_key = e.event_key
  left join int_sessions__known as s on s.session_key = e.session_key
  left join int_visitors__known as v on v.user_pseudo_id = e.user_pseudo_id
  where r.event_key is null
)

select
  k.event_date,
  k.event_key,
  k.event_kind,
  k.event_at,
  k.event_name,
  k.session_key,
  coalesce('u:' || k.person_user_id, 'p:' || k.user_pseudo_id) as person_key,
  coalesce(u.user_id, c.user_id) as user_id,
  k.user_pseudo_id,
  k.web_user_id,
  k.default_branch_id,
  k.web_customer_id,
  k.page_title,
  k.page_location,
  k.page_referrer,
  k.search_term,
  k.transaction_id,
  k.revenue_cents,
  k.refund_cents,
  k.currency,
  k.items,
  k.device_category,
  k.device_operating_system,
  k.geo_country,
  k.geo_city,
  k.batch_page,
  k.batch_ordering,
  k.batch_event,
from known as k
left join int_users__listed as u on u.user_id = k.person_user_id
left join int_customers__single_user as c on c.company_erp_id = k.web_customer_id
