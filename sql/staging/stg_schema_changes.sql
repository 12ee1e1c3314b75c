-- Fields that sources added, changed, left out or brought back, as they were seen. A repeated record is one.
select distinct
  source,
  stream,
  path,
  change,
  type_before,
  type_after,
  action,
  seen_at,
from stg_growthos__schema_changes
