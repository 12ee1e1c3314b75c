-- Where visits end before they began (D-64).
-- `bounce_page`: one row per entry page and month with enough visits of which enough bounced, as two numbers; `bounced_session`: one row per bounced visit of somebody the shop knows (who else bounced is in the page's numbers).
-- grain: task_key
-- version: 1
-- may be empty
with

visits as (
  select
    s.session_key, s.session_date, s.started_at, s.person_key, s.user_id, s.web_customer_id, s.default_branch_id, s.entry_page, s.is_bounced,
    l.kept_since_at, l.is_known_only, l.bounce_sessions_at_least, l.bounce_percent_at_least,
  from fact_sessions as s
  cross join int_limits__settled as l
  where s.started_at < l.cut_off_at
),

pages as (
  select
    entry_page,
    month_of(session_date) as month,
    count(*) as session_count,
    total(case when is_bounced then 1 else 0 end) as bounce_count,
    max(case when is_bounced then session_date end) as task_date,
    max(case when is_bounced then started_at end) as happened_at,
    max(kept_since_at) as kept_since_at,
    max(bounce_sessions_at_least) as sessions_at_least,
    max(bounce_percent_at_least) as percent_at_least,
  from visits
  where entry_page is not null
  group by entry_page, month_of(session_date)
),

together as (
  select
    task_key_of('performance', 'page ' || entry_page || ' ' || cast(month as varchar)) as task_key,
    'bounce_page' as task_kind,
    task_date, happened_at,
    cast(null as varchar) as person_key, cast(null as varchar) as user_id, cast(null as varchar) as session_key,
    cast(null as varchar) as web_customer_id, cast(null as varchar) as default_branch_id,
    entry_page as subject, session_count, bounce_count,
  from pages
  where session_count >= sessions_at_least
    and bounce_count * 100 >= percent_at_least * session_count
    and happened_at >= kept_since_at

  union all

  select
    task_key_of('performance', 'session ' || session_key),
    'bounced_session',
    session_date, started_at, person_key, user_id, session_key, web_customer_id, default_branch_id,
    entry_page, 1, 1,
  from visits
  where is_bounced
    and started_at >= kept_since_at
    and (not is_known_only or user_id is not null or person_key like 'u:%')
)

select
  task_key,
  task_kind,
  task_date,
  happened_at,
  cast(null as varchar) as event_key,
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
  cast(null as bigint) as search_count,
  session_count,
  cast(null as bigint) as page_count,
  cast(null as bigint) as viewed_item_count,
  bounce_count,
from together
order by task_key
