-- What sources changed about days that had been read before.
-- One row per re-read that brought another figure; values are as the source gives them (money in currency units), null where the
-- day had none.
-- grain: source, stream, measure, metric_date, seen_at
-- version: 1
select
  source,
  stream,
  measure,
  metric_date,
  value_before,
  value_after,
  round(value_after - value_before, 6) as value_change,
  day_in_zone(seen_at) as seen_date,
  seen_at,
from stg_restatements
order by source, stream, measure, metric_date, seen_at
