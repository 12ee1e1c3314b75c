-- What people decided about the links between labels of visits and entities of ad accounts, newest decision per link (D-49).
-- One row per channel, level, label and entity.
-- grain: channel_id, entity_level, label, entity_key
-- may be empty
select
  channel_id,
  entity_level,
  label,
  entity_key,
  decision,
  decided_at,
from stg_growthos__match_decisions
