-- The limits by which tasks are made (D-64), from the seed and the config, and the moments that they count from: the build's last complete one, and
-- before which a task is too old to be kept. One row.
-- grain: cut_off_at
with

named as (
  select
    max(case when limit_name = 'streak_days' then value end) as streak_days,
    max(case when limit_name = 'visits_over' then value end) as visits_over,
    max(case when limit_name = 'visit_pages_over' then value end) as visit_pages_over,
    max(case when limit_name = 'search_terms_over' then value end) as search_terms_over,
    max(case when limit_name = 'bounce_sessions_at_least' then value end) as bounce_sessions_at_least,
    max(case when limit_name = 'bounce_percent_at_least' then value end) as bounce_percent_at_least,
    max(case when limit_name = 'bounced_known_only' then value end) = 1 as is_known_only,
  from seeds.task_limits
),

bounds as (
  select start_of_hour(getvariable('time_zone'), getvariable('as_of'), 0) as cut_off_at
)

select
  b.cut_off_at,
  instant_before(b.cut_off_at, getvariable('task_keep_days')) as kept_since_at,
  getvariable('cart_quiet_hours') as cart_quiet_hours,
  n.streak_days * 24 as streak_hours,
  n.visits_over,
  n.visit_pages_over,
  n.search_terms_over,
  n.bounce_sessions_at_least,
  n.bounce_percent_at_least,
  n.is_known_only,
from named as n
cross join bounds as b
