-- Fields that a source added, changed, left out or brought back: one row per change as it was seen.
-- grain: _key, _slice
select
  _key,
  _slice,
  r.source as source,
  r.stream as stream,
  r.path as path,
  r.change as change,
  r.before as type_before,
  r.after as type_after,
  r.action as action,
  instant(r.seen_at) as seen_at,
from (
  select
    _key,
    _slice,
    from_json(payload, '{
      "source": "VARCHAR", "stream": "VARCHAR", "path": "VARCHAR", "change": "VARCHAR",
      "before": "VARCHAR", "after": "VARCHAR", "action": "VARCHAR", "seen_at": "VARCHAR"
    }') as r,
  from raw.growthos__schema_changes
)
