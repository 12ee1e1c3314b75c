-- Searches to look into (D-64). `no_results`: one row per person, term and day on which nothing was found; `search_count` is how often it was tried.
-- `no_conversion`: one row per streak of visits with several different terms and no purchase since; `search_count` is how many terms.
-- Terms are compared in lower case. Searches without consent belong to nobody and are in the ranking of terms only.
-- grain: task_key
-- version: 1
-- may be empty
with

searches as (
  select
    e.event_date, e.event_key, e.event_kind, e.event_at, e.batch_page, e.batch_ordering, e.batch_event, e.person_key, e.user_id,
    e.session_key, e.web_customer_id, e.default_branch_id, k.streak_key, lower(trim(e.search_term)) as term,
  from fact_events as e
  cross join int_limits__settled as l
  left join fact_session_streaks as k
    on k.session_key = e.session_key
    and k.is_unsold
  where e.event_kind in ('view_search_results', 'no_search_results')
    and trim(e.search_term) <> ''
    and e.person_key is not null
    and e.event_at < l.cut_off_at
    and e.event_at >= l.kept_since_at
),

failed as (
  select
    *,
    count(*) over (partition by person_key, term, event_date) as search_count,
    row_number() over (partition by person_key, term, event_date
      order by event_at, batch_page, batch_ordering, batch_event, event_key) as from_start,
    row_number() over (partition by person_key, term, event_date
      order by event_at desc, batch_page desc, batch_ordering desc, batch_event desc, event_key) as from_end,
  from searches
  where event_kind = 'no_search_results'
),

terms as (
  select streak_key, term, min(event_at) as searched_at
  from searches
  where streak_key is not null
  group by streak_key, term
),

-- The few streaks that are looked at are found first: names and places of all of them would have to be held in memory.
many as (
  select
    t.streak_key,
    count(*) as search_count,
  from terms as t
  cross join int_limits__settled as l
  group by t.streak_key
  having count(*) > max(l.search_terms_over)
),

sought as (
  select
    t.streak_key,
    named_in_order(t.term, t.searched_at) as subject,
  from terms as t
  inner join many as m on m.streak_key = t.streak_key
  group by t.streak_key
),

placed as (
  select
    s.*,
    m.search_count,
    row_number() over (partition by s.streak_key
      order by s.event_at desc, s.batch_page desc, s.batch_ordering desc, s.batch_event desc, s.event_key) as from_end,
  from searches as s
  inner join many as m on m.streak_key = s.streak_key
),

together as (
  select
    task_key_of('search', 'term ' || f.event_key) as task_key,
    'no_results' as task_kind,
    z.event_date, z.event_at, f.event_key, z.person_key, z.user_id, z.session_key, z.web_customer_id, z.default_branch_id,
    z.term as subject,
    z.search_count,
  from failed as f
  inner join failed as z
    on z.person_key = f.person_key
    and z.term = f.term
    and z.event_date = f.event_date
    and z.from_end = 1
  where f.from_start = 1

  union all

  select
    task_key_of('search', 'streak ' || p.streak_key),
    'no_conversion',
    p.event_date, p.event_at, p.event_key, p.person_key, p.user_id, p.session_key, p.web_customer_id, p.default_branch_id,
    s.subject,
    p.search_count,
  from sought as s
  inner join placed as p
    on p.streak_key = s.streak_key
    and p.from_end = 1
)

select
  task_key,
  task_kind,
  event_date as task_date,
  event_at as happened_at,
  event_key,
  person_key,
  user_id,
  session_key,
  web_customer_id,
  default_branch_id,
  subject,
  cast(null as bigint) as value_cents,
  cast(null as bigint) as refund_cents,
  cast(null as varchar) as currency,
  cast(null as varchar) as items,
  cast(null as bigint) as item_count,
  cast(null as bigint) as piece_count,
  cast(null as bigint) as unpriced_item_count,
  search_count,
  cast(null as bigint) as session_count,
  cast(null as bigint) as page_count,
  cast(null as bigint) as viewed_item_count,
  cast(null as bigint) as bounce_count,
from together
order by task_key
