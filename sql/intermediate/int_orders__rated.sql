-- Orders in another currency that can be converted, with the rate of their own day (D-20); all others are left as they are.
-- An order and its refunds are converted together or not at all: a refund without a rate keeps its order out. One row per order.
-- grain: order_id
with

foreign_orders as (
  select
    order_id,
    currency,
    day_in_zone(processed_at) as order_date,
  from stg_orders
  where currency <> getvariable('currency')
),

foreign_refunds as (
  select
    order_id,
    currency,
    day_in_zone(refunded_at) as refund_date,
  from stg_refunds
  where currency <> getvariable('currency')
),

without_rate as (
  select
    r.order_id,
  from foreign_refunds as r
  left join int_fx__daily as f
    on f.currency = r.currency
    and f.day = r.refund_date
  where f.day is null
  group by r.order_id
)

select
  o.order_id,
  o.currency,
  f.fx_date,
  f.rate_over,
  f.rate_under,
from foreign_orders as o
inner join int_fx__daily as f
  on f.currency = o.currency
  and f.day = o.order_date
left join without_rate as w on w.order_id = o.order_id
where w.order_id is null
