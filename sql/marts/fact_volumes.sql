-- The volume of each landed day beside what its weekday usually brings, and the verdict (D-41).
-- `usual`, `low`, `high`; `short_history` and `small_volume`: it cannot be told. One row per relation, source and day.
-- grain: relation, source, volume_date
-- version: 1
-- may be empty
select
  relation,
  source,
  volume_date,
  volume,
  usual_volume,
  spread,
  history_day_count,
  verdict,
from int_volumes__judged
order by relation, source, volume_date
