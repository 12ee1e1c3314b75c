-- Customers by recency, frequency and money: fifths of all customers with a counted order, and a named segment (D-34).
-- One row per customer, as of as_of_date; scores are null and the segment is unscored while there are fewer than five customers.
-- grain: customer_id
-- version: 1
-- check: reference customer_id -> dim_customer
with

-- Equal customers share a place: the number of customers who are worse, plus one.
placed as (
  select
    customer_id,
    days_between(last_order_date, getvariable('as_of')) as recency_days,
    order_count,
    net_cents,
    currency,
    rank() over (order by last_order_date) as r_place,
    rank() over (order by order_count) as f_place,
    rank() over (order by net_cents) as m_place,
    min(last_order_date) over () = max(last_order_date) over () as is_r_flat,
    min(order_count) over () = max(order_count) over () as is_f_flat,
    min(net_cents) over () = max(net_cents) over () as is_m_flat,
    count(*) over () as customer_count,
  from dim_customer
  where first_order_date is not null
),

-- A measure in which all customers are equal tells nothing: everybody is in the middle.
scored as (
  select
    customer_id,
    recency_days,
    order_count,
    net_cents,
    currency,
    case when customer_count >= 5 then case when is_r_flat then 3 else 1 + cast(floor(5 * (r_place - 1) / customer_count) as integer) end end as r,
    case when customer_count >= 5 then case when is_f_flat then 3 else 1 + cast(floor(5 * (f_place - 1) / customer_count) as integer) end end as f,
    case when customer_count >= 5 then case when is_m_flat then 3 else 1 + cast(floor(5 * (m_place - 1) / customer_count) as integer) end end as m,
  from placed
)

select
  customer_id,
  cast(getvariable('as_of') as date) as as_of_date,
  recency_days,
  order_count,
  net_cents,
  currency,
  r as recency_score,
  f as frequency_score,
  m as monetary_score,
  case
    when r is null then 'unscored'
    when r >= 4 and f >= 4 and m >= 4 then 'champions'
    when r >= 3 and f >= 3 and m >= 3 then 'loyal'
    when r >= 3 and f <= 3 and m <= 3 then 'potential'
    when r <= 2 and f >= 3 and m >= 3 then 'at_risk'
    when r = 1 and f = 1 then 'lost'
    else 'dormant'
  end as segment,
from scored
order by customer_id
