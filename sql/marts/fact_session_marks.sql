-- The few events that describe a visit, and of each what is wanted of it (D-63), one row per session and what is told.
-- `first` is its first event, `entry` its first page view, `branch`, `user` and `customer` the last event that tells one.
-- Rows stay narrow, and are sorted once. `way` is 1 where the first event of an instant counts and -1 where the last one does.
-- grain: session_key, mark_kind
-- version: 1
with

told as (
  select
    e.session_key, t.mark_kind, e.event_key, t.way * e.batch_page as page_place, t.way * e.batch_ordering as place_in_page, t.way * e.batch_event as place_in_batch,
    case when t.mark_kind = 'first' then e.event_date end as event_date,
    case when t.mark_kind in ('first', 'user') then e.person_key end as person_key,
    case when t.mark_kind in ('first', 'user', 'customer') then e.user_id end as user_id,
    case when t.mark_kind = 'first' then e.user_pseudo_id end as user_pseudo_id,
    case when t.mark_kind = 'first' then e.device_category end as device_category,
    case when t.mark_kind = 'first' then e.geo_country end as geo_country,
    case when t.mark_kind = 'first' then e.geo_city end as geo_city,
    case when t.mark_kind = 'entry' then page_of(e.page_location) end as entry_page,
    case when t.mark_kind = 'entry' then e.page_title end as entry_page_title,
    case when t.mark_kind = 'branch' then e.default_branch_id end as default_branch_id,
    case when t.mark_kind = 'user' then e.web_user_id end as web_user_id,
    case when t.mark_kind = 'customer' then e.web_customer_id end as web_customer_id,
  from fact_events as e
  inner join fact_session_counts as c on c.session_key = e.session_key
  cross join (values ('first', 1), ('entry', 1), ('branch', -1), ('user', -1), ('customer', -1)) as t(mark_kind, way)
  where e.event_at in (c.started_at, c.entry_at, c.branch_at, c.user_at, c.customer_at)
    and case t.mark_kind
      when 'first' then e.event_at = c.started_at
      when 'entry' then e.event_kind = 'page_view' and e.event_at = c.entry_at
      when 'branch' then e.default_branch_id is not null and e.event_at = c.branch_at
      when 'user' then e.web_user_id is not null and e.event_at = c.user_at
      else e.web_customer_id is not null and e.event_at = c.customer_at
    end
),

placed as (
  select
    *,
    row_number() over (partition by session_key, mark_kind order by page_place, place_in_page, place_in_batch, event_key) as place,
  from told
)

select
  session_key,
  mark_kind,
  event_date,
  person_key,
  user_id,
  user_pseudo_id,
  device_category,
  geo_country,
  geo_city,
  entry_page,
  entry_page_title,
  default_branch_id,
  web_user_id,
  web_customer_id,
from placed
where place = 1
