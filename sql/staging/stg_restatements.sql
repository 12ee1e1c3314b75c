-- What sources changed about days that had been read before, as they were seen. A repeated record is one.
select distinct
  source,
  stream,
  measure,
  metric_date,
  value_before,
  value_after,
  seen_at,
from stg_growthos__restatements
