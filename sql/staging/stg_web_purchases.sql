-- Purchases that web analytics saw, with the shop's own number of the order: what can be held against orders one by one.
-- One row per source, day and transaction; the export's events only for days that the report does not cover. Days are the property's own (D-05).
-- grain: source, purchase_date, transaction_id
-- may be empty
-- Each branch has these columns, with the types of the first branch.
select
  'ga4' as source,
  traffic_date as purchase_date,
  transaction_id,
  revenue_cents,
  currency,
from stg_ga4__transactions
where transaction_id is not null

union all

select
  'ga4' as source,
  event_date as purchase_date,
  transaction_id,
  max(revenue_cents) as revenue_cents,
  max(currency) as currency,
from stg_events
where event_kind = 'purchase'
  and transaction_id is not null
  and event_date not in (select traffic_date from stg_ga4__transactions)
group by event_date, transaction_id
