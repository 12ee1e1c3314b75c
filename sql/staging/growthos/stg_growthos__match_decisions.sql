-- Decisions about proposed links between a label and an ad entity, one row each; the newest of a link is the one that counts (D-49).
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "channel_id": "VARCHAR", "entity_level": "VARCHAR", "label": "VARCHAR", "entity_key": "VARCHAR",
      "decision": "VARCHAR", "decided_at": "VARCHAR"
    }') as d,
  from raw.growthos__match_decisions
)

select
  _key,
  _slice,
  d.channel_id as channel_id,
  d.entity_level as entity_level,
  d.label as label,
  d.entity_key as entity_key,
  d.decision as decision,
  instant(d.decided_at) as decided_at,
from parsed
