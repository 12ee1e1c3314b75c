-- What branches are measured by, one row per visit, purchase, refund, search, failed search and abandoned cart (D-65).
-- Each stands once, at its own instant and at one branch, so that branches, hours and days add up. The branch is the one that the session
-- told last, else the event's own; null: nobody told one. A term counts once per session. Abandoned carts are those of D-64, when their quiet
-- was over, at the branch of the session that touched them last. Refunds are negative revenue; what a purchase or a cart does not tell is null.
-- `subject`: the transaction, the term in lower case, or the cart.
-- grain: activity_date, activity_key
-- version: 2
with

-- What a site calls a branch: a location's id, else a code that one location alone has and none has as its id.
branches as (
  select location_id as told_id, location_id
  from dim_location

  union all

  select c.location_code, min(c.location_id)
  from dim_location as c
  left join dim_location as i on i.location_id = c.location_code
  where c.location_code is not null
    and i.location_id is null
  group by c.location_code
  having count(*) = 1
),

visits as (
  select
    session_key, session_date, started_at, default_branch_id, person_key, user_id,
    row_number() over (partition by person_key order by started_at, session_key) > 1 as is_repeat,
  from fact_sessions
),

-- A search is a term, not a page of results; the same term without results is a failed one too.
searches as (
  select
    event_date, event_key, event_kind, event_at, search_term, default_branch_id, session_key, person_key, user_id,
    row_number() over (partition by coalesce(session_key, event_key), lower(search_term) order by event_at, event_key) as place,
    row_number() over (partition by coalesce(session_key, event_key), lower(search_term), event_kind order by event_at, event_key) as place_of_kind,
  from fact_events
  where event_kind in ('view_search_results', 'no_search_results')
    and search_term is not null
),

activity as (
  select session_date as activity_date, 'visit:' || session_key as activity_key, 'visit' as activity_kind, started_at as activity_at,
    default_branch_id as branch, session_key, person_key, user_id, is_repeat, 0 as revenue_cents, 0 as cart_cents, null as currency, null as subject,
  from visits

  union all

  select event_date, event_kind || ':' || event_key, event_kind, event_at, default_branch_id, session_key, person_key, user_id, false,
    case when event_kind = 'refund' then -refund_cents else revenue_cents end, 0, currency,
    transaction_id,
  from fact_events
  where event_kind in ('purchase', 'refund')

  union all

  select event_date, 'search:' || event_key, 'search', event_at, default_branch_id, session_key, person_key, user_id, false, 0, 0, null,
    lower(search_term),
  from searches
  where place = 1

  union all

  select event_date, 'failed_search:' || event_key, 'failed_search', event_at, default_branch_id, session_key, person_key, user_id, false, 0, 0, null,
    lower(search_term),
  from searches
  where event_kind = 'no_search_results'
    and place_of_kind = 1

  union all

  select abandoned_date, 'abandoned_cart:' || cart_key, 'abandoned_cart', abandoned_at, default_branch_id, session_key, person_key, user_id, false,
    0, value_cents, currency,
    cart_key,
  from fact_abandoned_carts
)

select
  a.activity_date,
  a.activity_key,
  a.activity_kind,
  a.activity_at,
  a.subject,
  coalesce(l.location_id, s.default_branch_id, a.branch) as location_id,
  a.session_key,
  a.person_key,
  a.user_id,
  a.is_repeat,
  a.revenue_cents,
  a.cart_cents,
  a.currency,
  a.currency = getvariable('currency') as is_reporting_currency,
  'ga4_events' as source,
from activity as a
left join fact_sessions as s on s.session_key = a.session_key
left join branches as l on l.told_id = coalesce(s.default_branch_id, a.branch)
order by a.activity_date, a.activity_key
