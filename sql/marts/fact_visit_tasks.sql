-- Who came back and bought nothing, one row per streak (D-64).
-- Streaks of several visits with several pages each, of people known or not, without a purchase since they began; pages and items viewed are those of all its visits, what else is told is the last one's.
-- grain: task_key
-- version: 1
-- may be empty
with

visits as (
  select
    s.session_key,
    k.streak_key,
    s.session_date,
    s.started_at,
    s.ended_at,
    s.person_key,
    s.user_id,
    s.web_customer_id,
    s.default_branch_id,
    s.distinct_pages,
    s.distinct_items_viewed,
    l.visits_over,
    l.kept_since_at,
    row_number() over (partition by k.streak_key order by s.started_at desc, s.session_key) as from_end,
  from fact_session_streaks as k
  inner join fact_sessions as s on s.session_key = k.session_key
  cross join int_limits__settled as l
  where k.is_unsold
    and s.distinct_pages > l.visit_pages_over
),

counted as (
  select
    streak_key,
    count(*) as session_count,
    total(distinct_pages) as page_count,
    total(distinct_items_viewed) as viewed_item_count,
    max(ended_at) as happened_at,
  from visits
  group by streak_key
)

select
  task_key_of('visit', c.streak_key) as task_key,
  'repeat_visits' as task_kind,
  v.session_date as task_date,
  c.happened_at,
  cast(null as varchar) as event_key,
  v.person_key,
  v.user_id,
  v.session_key,
  v.web_customer_id,
  v.default_branch_id,
  cast(null as varchar) as subject,
  cast(null as bigint) as value_cents,
  cast(null as bigint) as refund_cents,
  cast(null as varchar) as currency,
  cast(null as varchar) as items,
  cast(null as bigint) as item_count,
  cast(null as bigint) as piece_count,
  cast(null as bigint) as unpriced_item_count,
  cast(null as bigint) as search_count,
  c.session_count,
  c.page_count,
  c.viewed_item_count,
  cast(null as bigint) as bounce_count,
from counted as c
inner join visits as v
  on v.streak_key = c.streak_key
  and v.from_end = 1
where c.session_count > v.visits_over
  and c.happened_at >= v.kept_since_at
order by task_key
