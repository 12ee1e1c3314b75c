-- One row per day and figure of a declared table of figures.
-- grain: _key
select
  _key,
  _slice,
  cast(cells[1] as date) as metric_date,
  'files' as source,
  cells[2] as metric_name,
  cast(cells[3] as double) as value,
from (
  select
    _key,
    _slice,
    json_extract_string(payload, ['$.metric_date', '$.metric', '$.value']) as cells,
  from raw.files__daily_metrics
)
