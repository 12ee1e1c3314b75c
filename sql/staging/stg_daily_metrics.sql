-- Dated figures from anywhere, as they came. One row per source, day and name.
-- grain: metric_date, source, metric_name
select
  metric_date,
  source,
  metric_name,
  value,
from stg_files__daily_metrics
