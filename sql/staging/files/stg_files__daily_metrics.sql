-- Placeholder with the columns and types that the union expects; one row per row of the file until the real model is here.
select
  _key,
  _slice,
  cast(null as date) as metric_date,
  cast(null as varchar) as source,
  cast(null as varchar) as metric_name,
  cast(null as double) as value,
from raw.files__daily_metrics
