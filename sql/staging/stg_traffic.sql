-- Every day of site traffic. One row per source, day, channel group, source, medium and campaign; days are the property's own (D-05).
-- Each branch stg_files__… has these columns, with the types of the first branch.
select
  traffic_date,
  source,
  channel_group,
  session_source,
  session_medium,
  session_campaign,
  sessions,
  engaged_sessions,
  product_views,
  add_to_carts,
  checkouts,
  purchases,
  revenue_cents,
  currency,
from stg_ga4__traffic_days

union all

select
  traffic_date,
  source,
  channel_group,
  session_source,
  session_medium,
  session_campaign,
  sessions,
  engaged_sessions,
  product_views,
  add_to_carts,
  checkouts,
  purchases,
  revenue_cents,
  currency,
from stg_files__ga4
where traffic_date not in (select traffic_date from stg_ga4__traffic_days)

union all

select
  traffic_date,
  source,
  channel_group,
  session_source,
  session_medium,
  session_campaign,
  sessions,
  engaged_sessions,
  product_views,
  add_to_carts,
  checkouts,
  purchases,
  revenue_cents,
  currency,
from stg_files__traffic
