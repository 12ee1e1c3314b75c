-- Visits of one person that belong together (D-64): a purchase ends a streak, and so does a pause longer than `streak_days` of the seed.
-- One row per session that began before the build's cut-off; `streak_key` is the streak's first session. `is_unsold`: the person bought nothing since it began.
-- grain: session_key
-- version: 1
-- may be empty
with

ordered as (
  select
    s.session_key,
    s.person_key,
    s.started_at,
    s.ended_at,
    s.purchases,
    l.streak_hours,
    lag(s.ended_at) over (partition by s.person_key order by s.started_at, s.session_key) as previous_at,
    lag(s.purchases) over (partition by s.person_key order by s.started_at, s.session_key) as previous_purchases,
    max(case when s.purchases > 0 then s.started_at end) over (partition by s.person_key) as bought_at,
  from fact_sessions as s
  cross join int_limits__settled as l
  where s.started_at < l.cut_off_at
),

begun as (
  select
    *,
    previous_at is null or previous_purchases > 0 or hours_between(previous_at, started_at) > streak_hours as is_first,
  from ordered
),

numbered as (
  select
    *,
    sum(case when is_first then 1 else 0 end)
      over (partition by person_key order by started_at, session_key rows between unbounded preceding and current row) as streak_number,
  from begun
)

select
  session_key,
  max(case when is_first then session_key end) over (partition by person_key, streak_number) as streak_key,
  person_key,
  started_at,
  ended_at,
  coalesce(bought_at < min(started_at) over (partition by person_key, streak_number), true) as is_unsold,
from numbered
order by session_key
