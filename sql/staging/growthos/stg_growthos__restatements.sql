-- What a source changed about a day that had been read before: one row per re-read, measure and day.
-- grain: _key, _slice
select
  _key,
  _slice,
  r.source as source,
  r.stream as stream,
  r.measure as measure,
  cast(r.day as date) as metric_date,
  cast(r.before as double) as value_before,
  cast(r.after as double) as value_after,
  instant(r.seen_at) as seen_at,
from (
  select
    _key,
    _slice,
    from_json(payload, '{
      "source": "VARCHAR", "stream": "VARCHAR", "measure": "VARCHAR", "day": "VARCHAR",
      "before": "VARCHAR", "after": "VARCHAR", "seen_at": "VARCHAR"
    }') as r,
  from raw.growthos__restatements
)
