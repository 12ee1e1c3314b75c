-- Orders with what their lines cost and hold; an order without lines costs its net value at the default margin (D-13).
-- The category is that of the line worth most. One row per order.
-- grain: order_id
with

ranked as (
  select
    order_id,
    category,
    row_number() over (partition by order_id order by gross_cents desc, order_line_id) as dearest_first,
  from int_order_lines__costed
),

sums as (
  select
    order_id,
    total(cogs_cents) as cogs_cents,
    total(quantity) as unit_count,
    count(*) as line_count,
  from int_order_lines__costed
  group by order_id
),

refunded as (
  select
    order_id,
    total(refund_cents) as refund_cents,
  from stg_refunds
  group by order_id
)

select
  o.order_id,
  d.category,
  coalesce(s.unit_count, 0) as unit_count,
  coalesce(s.line_count, 0) as line_count,
  coalesce(r.refund_cents, 0) as refund_cents,
  coalesce(s.cogs_cents, share_of(o.gross_cents - o.discount_cents, 1 - rates.default_margin)) as cogs_cents,
  share_of(o.gross_cents - o.discount_cents, rates.shipping_share) as shipping_cost_cents,
  share_of(o.gross_cents - o.discount_cents, rates.ops_share) as ops_cost_cents,
  case
    when o.total_cents > 0 then share_of(o.total_cents, rates.payment_fee_share) + rates.payment_fee_fixed
    else 0
  end as payment_fee_cents,
from stg_orders as o
cross join int_cost_rates__settled as rates
left join sums as s on s.order_id = o.order_id
left join refunded as r on r.order_id = o.order_id
left join ranked as d
  on d.order_id = o.order_id
  and d.dearest_first = 1
