-- Visits, one row per session of GA4's export; events without consent are in none.
-- A visitor's session number is unique per visitor only, so the key is made of both. `session_date` is the property's day of the first event (D-05); what describes a session is its first event's
-- (device, place, entry page) or the last one's that tells it (branch, user, customer). Pages are links without query and fragment, terms are
-- compared in lower case. A visit bounced when it saw one page and did nothing else. Money is null when currencies are mixed (D-63).
-- grain: session_key
-- version: 1
with

counted as (
  select
    session_key,
    min(event_at) as started_at,
    max(event_at) as ended_at,
    min(case when event_kind = 'page_view' then event_at end) as entry_at,
    max(case when default_branch_id is not null then event_at end) as branch_at,
    max(case when web_user_id is not null then event_at end) as user_at,
    max(case when web_customer_id is not null then event_at end) as customer_at,
    total(case when event_kind = 'page_view' then 1 else 0 end) as page_views,
    total(case when event_kind = 'view_item' then 1 else 0 end) as item_views,
    total(case when event_kind = 'add_to_cart' then 1 else 0 end) as cart_adds,
    total(case when event_kind = 'remove_from_cart' then 1 else 0 end) as cart_removals,
    total(case when event_kind = 'begin_checkout' then 1 else 0 end) as checkouts,
    total(case when event_kind = 'view_search_results' then 1 else 0 end) as result_views,
    total(case when event_kind = 'purchase' then 1 else 0 end) as purchases,
    total(case when event_kind in ('page_view', 'session_start') then 0 else 1 end) as other_events,
  from fact_events
  where session_key is not null
  group by session_key
),

money as (
  select
    session_key,
    total(revenue_cents) as revenue_cents,
    total(refund_cents) as refund_cents,
    min(currency) as currency,
    max(currency) as other_currency,
  from fact_events
  where event_kind in ('purchase', 'refund')
    and session_key is not null
  group by session_key
),

-- Numbers of different things are counted in two steps: what is told apart first, then how many there are.
things as (
  select session_key, 'page' as thing, page_of(page_location) as name
  from fact_events
  where event_kind = 'page_view'
    and page_location is not null

  union

  select session_key, 'item', coalesce(item_id, item_name)
  from fact_event_items
  where event_kind = 'view_item'
    and coalesce(item_id, item_name) is not null

  union

  select session_key, 'term', lower(search_term)
  from fact_events
  where event_kind in ('view_search_results', 'no_search_results')
    and search_term is not null

  union

  select session_key, 'failed term', lower(search_term)
  from fact_events
  where event_kind = 'no_search_results'
    and search_term is not null
),

different as (
  select
    session_key,
    total(case when thing = 'page' then 1 else 0 end) as pages,
    total(case when thing = 'item' then 1 else 0 end) as items,
    total(case when thing = 'term' then 1 else 0 end) as terms,
    total(case when thing = 'failed term' then 1 else 0 end) as failed_terms,
  from things
  where session_key is not null
  group by session_key
),

-- The few events that describe a session, by what each tells, and of each what is wanted of it: rows stay narrow, and are sorted once.
-- `way` is 1 where the first event of an instant counts and -1 where the last one does.
told as (
  select
    e.session_key, t.tells, e.event_key, t.way * e.batch_page as page_place, t.way * e.batch_ordering as place_in_page, t.way * e.batch_event as place_in_batch,
    case when t.tells = 'first' then e.event_date end as event_date,
    case when t.tells in ('first', 'user') then e.person_key end as person_key,
    case when t.tells in ('first', 'user', 'customer') then e.user_id end as user_id,
    case when t.tells = 'first' then e.user_pseudo_id end as user_pseudo_id,
    case when t.tells = 'first' then e.device_category end as device_category,
    case when t.tells = 'first' then e.geo_country end as geo_country,
    case when t.tells = 'first' then e.geo_city end as geo_city,
    case when t.tells = 'entry' then page_of(e.page_location) end as entry_page,
    case when t.tells = 'entry' then e.page_title end as entry_page_title,
    case t.tells when 'branch' then e.default_branch_id when 'user' then e.web_user_id when 'customer' then e.web_customer_id end as told_id,
  from fact_events as e
  inner join counted as c on c.session_key = e.session_key
  cross join (values ('first', 1), ('entry', 1), ('branch', -1), ('user', -1), ('customer', -1)) as t(tells, way)
  where e.event_at in (c.started_at, c.entry_at, c.branch_at, c.user_at, c.customer_at)
    and case t.tells
      when 'first' then e.event_at = c.started_at
      when 'entry' then e.event_kind = 'page_view' and e.event_at = c.entry_at
      when 'branch' then e.default_branch_id is not null and e.event_at = c.branch_at
      when 'user' then e.web_user_id is not null and e.event_at = c.user_at
      else e.web_customer_id is not null and e.event_at = c.customer_at
    end
),

placed as (
  select *
  from (
    select
      *,
      row_number() over (partition by session_key, tells order by page_place, place_in_page, place_in_batch, event_key) as place,
    from told
  ) as ranked
  where place = 1
)

select
  c.session_key,
  f.event_date as session_date, c.started_at, c.ended_at,
  coalesce(u.person_key, f.person_key) as person_key,
  coalesce(u.user_id, k.user_id, f.user_id) as user_id,
  f.user_pseudo_id, u.told_id as web_user_id, k.told_id as web_customer_id, b.told_id as default_branch_id, f.device_category, f.geo_country, f.geo_city,
  e.entry_page, e.entry_page_title,
  c.page_views, coalesce(d.pages, 0) as distinct_pages, c.item_views, coalesce(d.items, 0) as distinct_items_viewed,
  c.cart_adds, c.cart_removals, c.checkouts,
  coalesce(d.terms, 0) as searches, c.result_views, coalesce(d.failed_terms, 0) as failed_searches,
  c.purchases,
  case when c.purchases = 0 then 0 when m.currency = m.other_currency then m.revenue_cents end as revenue_cents,
  case when m.session_key is null then 0 when m.currency = m.other_currency then coalesce(m.refund_cents, 0) end as refund_cents,
  case when m.currency = m.other_currency then m.currency end as currency,
  coalesce(d.pages, 0) = 1 and c.other_events = 0 as is_bounced,
from counted as c
inner join placed as f on f.session_key = c.session_key and f.tells = 'first'
left join placed as e on e.session_key = c.session_key and e.tells = 'entry'
left join placed as b on b.session_key = c.session_key and b.tells = 'branch'
left join placed as u on u.session_key = c.session_key and u.tells = 'user'
left join placed as k on k.session_key = c.session_key and k.tells = 'customer'
left join different as d on d.session_key = c.session_key
left join money as m on m.session_key = c.session_key
order by session_date, c.session_key
