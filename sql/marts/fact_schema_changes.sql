-- The log of changed fields: what a source added, changed, left out or brought back, and what was done about it.
-- grain: source, stream, path, change, seen_at
-- version: 1
select
  source,
  stream,
  path,
  change,
  type_before,
  type_after,
  action,
  day_in_zone(seen_at) as seen_date,
  seen_at,
from stg_schema_changes
order by source, stream, path, change, seen_at
