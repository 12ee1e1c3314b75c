-- Placeholder with the columns and types that the union expects; one row per row of the file until the real model is here.
select
  _key,
  _slice,
  cast(null as date) as traffic_date,
  cast(null as varchar) as source,
  cast(null as varchar) as channel_group,
  cast(null as varchar) as session_source,
  cast(null as varchar) as session_medium,
  cast(null as varchar) as session_campaign,
  cast(null as bigint) as sessions,
  cast(null as bigint) as engaged_sessions,
  cast(null as bigint) as product_views,
  cast(null as bigint) as add_to_carts,
  cast(null as bigint) as checkouts,
  cast(null as bigint) as purchases,
  cast(null as bigint) as revenue_cents,
  cast(null as varchar) as currency,
from raw.files__ga4
