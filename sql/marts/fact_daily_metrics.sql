-- Dated figures from anywhere, as they came. One row per day, source and name.
-- grain: metric_date, source, metric_name
-- version: 1
-- check: reference metric_date -> dim_date.date_day
select
  metric_date,
  source,
  metric_name,
  value,
from stg_daily_metrics
order by metric_date, source, metric_name
