-- What somebody should do something about (D-64), one row per task, of the days that the config keeps (`tasks.keepDays`).
-- A task keeps its key from build to build: it is made of what the task began with. Ages are counted to the build's last complete moment.
-- Priority is the first rule of the seed `task_rules` that holds; money is in its currency: the reporting one, converted at the rate of the task's
-- day (D-20). What has no rate, and a value that is unknown, is never high, nor low, by value.
-- Contact data are null unless the shop keeps them; `contact_state` is kept, hidden or unknown. What was done about a task is in `fact_task_changes`.
-- grain: task_key
-- version: 1
-- may be empty
with

together as (
  select 'purchase' as task_type, * from fact_purchase_tasks
  union all
  select 'cart' as task_type, * from fact_cart_tasks
  union all
  select 'search' as task_type, * from fact_search_tasks
  union all
  select 'visit' as task_type, * from fact_visit_tasks
  union all
  select 'performance' as task_type, * from fact_performance_tasks
),

-- Where several people buy for a customer of the ERP, the customer is known though the person is not.
companies as (
  select company_erp_id, min(company_name) as company_name, min(location_id) as location_id
  from dim_user
  where company_erp_id is not null
  group by company_erp_id
),

located as (
  select location_id as branch_ref, location_id, location_name from dim_location
  union all
  select l.location_code, l.location_id, l.location_name
  from dim_location as l
  where l.location_code is not null
    and l.location_code not in (select location_id from dim_location)
    and l.location_code in (select location_code from dim_location group by location_code having count(*) = 1)
),

known as (
  select
    t.*,
    case when hours_between(t.happened_at, m.cut_off_at) < 0 then 0 else hours_between(t.happened_at, m.cut_off_at) end as age_hours,
    u.user_id as known_user_id,
    coalesce(u.company_name, c.company_name) as company_name,
    u.user_name, u.email, u.cell_phone, u.office_phone,
    case
      when coalesce(u.user_name, u.email, u.cell_phone, u.office_phone) is not null then 'kept'
      when coalesce(u.user_name_hash, u.email_hash, u.cell_phone_hash, u.office_phone_hash) is not null then 'hidden'
      else 'unknown'
    end as contact_state,
    coalesce(t.default_branch_id, s.default_branch_id, u.location_id, c.location_id) as branch_ref,
    f.fx_date, f.rate_over, f.rate_under,
    case when f.fx_date is null then t.currency else cast(getvariable('currency') as varchar) end as told_currency,
    t.currency = getvariable('currency') or f.fx_date is not null as is_reporting_currency,
    coalesce(t.page_count, t.search_count) as counted,
  from together as t
  cross join int_limits__settled as m
  left join fact_sessions as s on s.session_key = t.session_key
  left join dim_user as u on u.user_id = coalesce(t.user_id, s.user_id)
  left join companies as c on c.company_erp_id = coalesce(t.web_customer_id, s.web_customer_id)
  left join int_fx__daily as f
    on f.currency = t.currency
    and f.day = t.task_date
),

-- Whole units of the reporting currency are what the rules speak of; null where the value cannot be compared.
valued as (
  select
    *,
    case when is_reporting_currency then converted(value_cents, rate_over, rate_under) end as judged_cents,
  from known
),

judged as (
  select
    t.task_key,
    min(r.place) as place,
  from valued as t
  inner join seeds.task_rules as r
    on r.task_kind = t.task_kind
    and (r.value_over is null or t.judged_cents > r.value_over * minor_unit_factor(getvariable('currency')))
    and (r.value_under is null or t.judged_cents < r.value_under * minor_unit_factor(getvariable('currency')))
    and (r.count_over is null or t.counted > r.count_over)
    and (r.count_under is null or t.counted < r.count_under)
    and (r.items_over is null or t.viewed_item_count > r.items_over)
    and (r.younger_than_hours is null or t.age_hours < r.younger_than_hours)
    and (r.older_than_hours is null or t.age_hours > r.older_than_hours)
  group by t.task_key
)

select
  t.task_key, t.task_type, t.task_kind, t.task_date, t.happened_at, t.age_hours, coalesce(r.priority, 'medium') as priority,
  t.person_key, t.known_user_id as user_id, t.session_key, t.event_key,
  coalesce(l.location_id, t.branch_ref) as branch_id, l.location_name as branch_name,
  t.company_name, t.user_name as contact_name, t.email, t.cell_phone, t.office_phone, t.contact_state,
  converted(t.value_cents, t.rate_over, t.rate_under) as value_cents,
  converted(t.refund_cents, t.rate_over, t.rate_under) as refund_cents,
  t.told_currency as currency,
  coalesce(t.is_reporting_currency, false) as is_reporting_currency,
  t.value_cents as original_value_cents, t.currency as original_currency,
  t.subject, t.items, t.item_count, t.piece_count, t.unpriced_item_count, t.search_count, t.session_count, t.page_count,
  t.viewed_item_count, t.bounce_count,
  lower(concat(t.task_key, ' ', t.company_name, ' ', t.user_name, ' ', t.email, ' ', t.cell_phone, ' ', t.office_phone, ' ', t.subject, ' ', t.items, ' ',
    l.location_name)) as search_text,
from valued as t
left join judged as j on j.task_key = t.task_key
left join seeds.task_rules as r
  on r.place = j.place
  and r.task_kind = t.task_kind
left join located as l on l.branch_ref = t.branch_ref
order by t.task_key
