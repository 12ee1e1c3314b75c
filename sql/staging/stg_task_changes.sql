-- What people did about tasks, one row each (D-64).
-- grain: change_key
select
  _key as change_key,
  task_key,
  change,
  until_date,
  assignee,
  changed_by,
  note,
  changed_at,
from stg_growthos__task_changes
