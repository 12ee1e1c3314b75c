-- Activity of each cohort in each calendar month since its first; months to come have no row, quiet months have zeros.
-- One row per cohort and month; index 0 is the month of the first order. Net is in the reporting currency.
-- grain: cohort_month, month_index
-- version: 1
with

active as (
  select
    c.cohort_month,
    month_of(o.order_date) as month,
    count(distinct o.customer_id) as active_customers,
    count(*) as order_count,
    total(case when o.is_reporting_currency then o.net_cents else 0 end) as net_cents,
  from fact_orders as o
  inner join dim_customer as c on c.customer_id = o.customer_id
  where o.is_counted
  group by c.cohort_month, month_of(o.order_date)
),

months as (
  select distinct month_start
  from dim_date
  where month_start < getvariable('as_of')
)

select
  s.cohort_month,
  months_apart(s.cohort_month, m.month_start) as month_index,
  coalesce(a.active_customers, 0) as active_customers,
  coalesce(a.order_count, 0) as order_count,
  coalesce(a.net_cents, 0) as net_cents,
from (select distinct cohort_month from dim_customer where cohort_month is not null) as s
inner join months as m on m.month_start >= s.cohort_month
left join active as a
  on a.cohort_month = s.cohort_month
  and a.month = m.month_start
order by s.cohort_month, month_index
