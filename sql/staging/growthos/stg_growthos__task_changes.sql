-- What people did about tasks, one row each (D-64): done, snoozed, assigned, reopened. Each has a key of its own, so that all of them stay.
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "task_key": "VARCHAR", "change": "VARCHAR", "until": "VARCHAR", "assignee": "VARCHAR", "by": "VARCHAR", "note": "VARCHAR",
      "decided_at": "VARCHAR"
    }') as c,
  from raw.growthos__task_changes
)

select
  _key,
  _slice,
  c.task_key as task_key,
  c.change as change,
  cast(c.until as date) as until_date,
  c.assignee as assignee,
  c."by" as changed_by,
  c.note as note,
  instant(c.decided_at) as changed_at,
from parsed
