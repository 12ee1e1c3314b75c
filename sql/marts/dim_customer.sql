-- People who ordered, with their first and last counted order; those without a counted order have no dates (D-04, D-08).
-- One row per customer; net is in the reporting currency. What is expected within a year is a model's word (D-58), null with the reason in expectation
-- where there is none: modelled, no_order (on a complete day), returned_more, too_few_customers, too_few_repeaters, rates_alike, stops_not_seen, …
-- grain: customer_id
-- version: 2
with

counted as (
  select
    customer_id,
    min(order_at) as first_order_at,
    min(order_date) as first_order_date,
    max(order_date) as last_order_date,
    count(*) as order_count,
    total(case when is_reporting_currency then net_cents else 0 end) as net_cents,
  from fact_orders
  where is_counted
    and customer_id is not null
  group by customer_id
),

newest as (
  select
    customer_id,
    country,
    region,
    row_number() over (partition by customer_id order by is_counted desc, order_at desc, length(order_id) desc, order_id desc) as newest_first,
  from fact_orders
  where customer_id is not null
),

recorded as (
  select
    coalesce(email_hash, customer_ref) as customer_id,
    min(country) as country,
  from stg_customers
  group by coalesce(email_hash, customer_ref)
)

select
  n.customer_id,
  c.first_order_at,
  c.first_order_date,
  c.last_order_date,
  month_of(c.first_order_date) as cohort_month,
  f.channel_id as acquisition_channel_id,
  coalesce(n.country, r.country) as country,
  n.region,
  coalesce(c.order_count, 0) as order_count,
  coalesce(c.net_cents, 0) as net_cents,
  cast(getvariable('currency') as varchar) as currency,
  e.p_alive,
  e.expected_orders_12m,
  e.expected_value_12m_cents,
  coalesce(e.expectation, 'no_order') as expectation,
from newest as n
left join counted as c on c.customer_id = n.customer_id
left join int_customers__expected as e on e.customer_id = n.customer_id
left join recorded as r on r.customer_id = n.customer_id
left join fact_orders as f
  on f.customer_id = n.customer_id
  and f.is_new_customer
where n.newest_first = 1
order by n.customer_id
