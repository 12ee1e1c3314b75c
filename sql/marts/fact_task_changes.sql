-- What people did about tasks, one row each: done, snoozed until a day, assigned (to nobody: null), reopened (D-64).
-- The newest of done, snoozed and reopened says how a task stands, the newest of assigned whose it is; the commands read both from raw, without a build.
-- grain: change_key
-- version: 1
-- may be empty
select
  change_key,
  task_key,
  change,
  until_date,
  assignee,
  changed_by,
  note,
  changed_at,
from stg_task_changes
order by change_key
