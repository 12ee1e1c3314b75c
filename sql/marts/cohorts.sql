-- Customers by the month of their first counted order: who came back, and what they were worth, within n days of it (D-16).
-- Only customers whose n days are over count (matured_<n>d); null, not zero, while nobody's are. Net is in the reporting currency.
-- One row per month of first order; spend_cents is all ad spend of that month, null where no spend is known.
-- grain: cohort_month
-- version: 1
with

orders as (
  select
    c.cohort_month,
    c.customer_id,
    days_between(c.first_order_date, getvariable('as_of')) as lived,
    days_between(c.first_order_date, o.order_date) as age,
    o.customer_order_index,
    case when o.is_reporting_currency then o.net_cents else 0 end as net_cents,
  from fact_orders as o
  inner join dim_customer as c on c.customer_id = o.customer_id
  where o.is_counted
),

customers as (
  select
    cohort_month,
    customer_id,
    min(lived) as lived,
    max(case when customer_order_index > 1 and age <= 7 then 1 else 0 end) as came_back_7d,
    max(case when customer_order_index > 1 and age <= 30 then 1 else 0 end) as came_back_30d,
    max(case when customer_order_index > 1 and age <= 60 then 1 else 0 end) as came_back_60d,
    max(case when customer_order_index > 1 and age <= 90 then 1 else 0 end) as came_back_90d,
    sum(case when age <= 30 then net_cents else 0 end) as net_30d,
    sum(case when age <= 60 then net_cents else 0 end) as net_60d,
    sum(case when age <= 90 then net_cents else 0 end) as net_90d,
    sum(case when age <= 180 then net_cents else 0 end) as net_180d,
    sum(case when age <= 365 then net_cents else 0 end) as net_365d,
  from orders
  group by cohort_month, customer_id
),

spend as (
  select
    month_of(spend_date) as month,
    total(case when is_reporting_currency then spend_cents else 0 end) as spend_cents,
  from fact_spend
  group by month_of(spend_date)
)

select
  c.cohort_month,
  count(*) as cohort_size,
  days_between(max(d.last_day), max(getvariable('as_of'))) as age_days,
  cast(getvariable('currency') as varchar) as currency,
  max(s.spend_cents) as spend_cents,
  total(case when c.lived > 7 then c.came_back_7d end) as retained_7d,
  total(case when c.lived > 7 then 1 else 0 end) as matured_7d,
  total(case when c.lived > 30 then c.came_back_30d end) as retained_30d,
  total(case when c.lived > 30 then 1 else 0 end) as matured_30d,
  total(case when c.lived > 60 then c.came_back_60d end) as retained_60d,
  total(case when c.lived > 60 then 1 else 0 end) as matured_60d,
  total(case when c.lived > 90 then c.came_back_90d end) as retained_90d,
  total(case when c.lived > 90 then 1 else 0 end) as matured_90d,
  total(case when c.lived > 180 then 1 else 0 end) as matured_180d,
  total(case when c.lived > 365 then 1 else 0 end) as matured_365d,
  total(case when c.lived > 30 then c.net_30d end) as net_30d_cents,
  total(case when c.lived > 60 then c.net_60d end) as net_60d_cents,
  total(case when c.lived > 90 then c.net_90d end) as net_90d_cents,
  total(case when c.lived > 180 then c.net_180d end) as net_180d_cents,
  total(case when c.lived > 365 then c.net_365d end) as net_365d_cents,
from customers as c
inner join (select month_start, max(date_day) as last_day from dim_date group by month_start) as d
  on d.month_start = c.cohort_month
left join spend as s on s.month = c.cohort_month
group by c.cohort_month
order by c.cohort_month
