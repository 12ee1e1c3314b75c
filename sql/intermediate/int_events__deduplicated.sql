-- Every event once: a page of thanks that is loaded again repeats its purchase, so of one transaction the earliest event stays.
-- Purchases without a transaction id cannot be told apart and all stay.
-- grain: event_date, event_key
with

ranked as (
  select
    *,
    case
      when event_kind = 'purchase' and transaction_id is not null
        then row_number() over (partition by event_kind, transaction_id order by event_at, event_date, event_key)
      else 1
    end as place,
  from stg_events
)

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
from ranked
where place = 1
