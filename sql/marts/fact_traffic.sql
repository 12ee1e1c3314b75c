-- Site traffic by channel and day; sessions belong to a channel, people do not add up and are left out.
-- One row per day, source, channel and currency; days are the property's own (D-05).
-- grain: traffic_date, source, channel_id, currency
-- version: 1
-- check: reference channel_id -> dim_channel
-- check: reference traffic_date -> dim_date.date_day
select
  traffic_date,
  source,
  channel_id,
  sessions,
  engaged_sessions,
  product_views,
  add_to_carts,
  checkouts,
  purchases,
  revenue_cents,
  currency,
from int_traffic__attributed
order by traffic_date, source, channel_id, currency
