-- Customers on their own clock: when they came, whether they ordered again, and what they were worth within n days of it (D-16).
-- One row per customer with a counted order; lived_days have passed from the first order to as_of.
-- Net and contribution are in the reporting currency, less what came back (D-13).
-- grain: customer_id
-- version: 1
-- check: reference customer_id -> dim_customer
with

goods_returned as (
  select
    order_id,
    total(cogs_returned_cents) as cogs_cents,
  from fact_refunds
  where is_reporting_currency
  group by order_id
),

orders as (
  select
    c.customer_id,
    c.first_order_date,
    o.order_date,
    days_between(c.first_order_date, o.order_date) as age,
    o.customer_order_index > 1 as is_later,
    case when o.is_reporting_currency then o.net_cents else 0 end as net_cents,
    case
      when o.is_reporting_currency then o.contribution_cents - o.refund_cents + coalesce(g.cogs_cents, 0)
      else 0
    end as contribution_cents,
  from fact_orders as o
  inner join dim_customer as c on c.customer_id = o.customer_id
  left join goods_returned as g on g.order_id = o.order_id
  where o.is_counted
),

customers as (
  select
    customer_id,
    min(first_order_date) as first_order_date,
    max(case when is_later and age <= 7 then 1 else 0 end) as reordered_7d,
    max(case when is_later and age <= 30 then 1 else 0 end) as reordered_30d,
    max(case when is_later and age <= 60 then 1 else 0 end) as reordered_60d,
    max(case when is_later and age <= 90 then 1 else 0 end) as reordered_90d,
    total(case when age <= 30 then net_cents else 0 end) as net_30d_cents,
    total(case when age <= 60 then net_cents else 0 end) as net_60d_cents,
    total(case when age <= 90 then net_cents else 0 end) as net_90d_cents,
    total(case when age <= 180 then net_cents else 0 end) as net_180d_cents,
    total(case when age <= 365 then net_cents else 0 end) as net_365d_cents,
    total(case when age <= 30 then contribution_cents else 0 end) as contribution_30d_cents,
  from orders
  group by customer_id
)

select
  c.customer_id,
  c.first_order_date,
  d.month_start as cohort_month,
  d.week_start as cohort_week,
  days_between(c.first_order_date, getvariable('as_of')) as lived_days,
  c.reordered_7d = 1 as has_reordered_7d,
  c.reordered_30d = 1 as has_reordered_30d,
  c.reordered_60d = 1 as has_reordered_60d,
  c.reordered_90d = 1 as has_reordered_90d,
  c.net_30d_cents,
  c.net_60d_cents,
  c.net_90d_cents,
  c.net_180d_cents,
  c.net_365d_cents,
  c.contribution_30d_cents,
  cast(getvariable('currency') as varchar) as currency,
from customers as c
inner join dim_date as d on d.date_day = c.first_order_date
order by c.customer_id
