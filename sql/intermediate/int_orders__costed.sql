-- Orders with their money, in the reporting currency where they have a rate (D-20), and with what their lines cost and hold;
-- an order without lines costs its net value at the default margin (D-13).
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
  from int_refunds__converted
  group by order_id
),

priced as (
  select
    o.order_id,
    converted(o.gross_cents, x.rate_over, x.rate_under) as gross_cents,
    converted(o.discount_cents, x.rate_over, x.rate_under) as discount_cents,
    converted(o.tax_cents, x.rate_over, x.rate_under) as tax_cents,
    converted(o.shipping_cents, x.rate_over, x.rate_under) as shipping_cents,
    o.total_cents - (o.gross_cents - o.discount_cents + o.tax_cents + o.shipping_cents) as beside_cents,
    o.total_cents,
    case when x.fx_date is null then o.currency else cast(getvariable('currency') as varchar) end as currency,
    o.currency as original_currency,
    x.fx_date,
    x.rate_over,
    x.rate_under,
  from stg_orders as o
  left join int_orders__rated as x on x.order_id = o.order_id
),

-- Tips, duties and the rest of the total are converted in one, so that the converted total adds up.
totalled as (
  select
    order_id,
    gross_cents,
    discount_cents,
    tax_cents,
    shipping_cents,
    case
      when fx_date is null then total_cents
      else gross_cents - discount_cents + tax_cents + shipping_cents + converted(beside_cents, rate_over, rate_under)
    end as total_cents,
    currency,
    original_currency,
    fx_date,
  from priced
)

select
  o.order_id,
  d.category,
  coalesce(s.unit_count, 0) as unit_count,
  coalesce(s.line_count, 0) as line_count,
  o.gross_cents,
  o.discount_cents,
  coalesce(r.refund_cents, 0) as refund_cents,
  o.tax_cents,
  o.shipping_cents,
  o.total_cents,
  coalesce(s.cogs_cents, share_of(o.gross_cents - o.discount_cents, 1 - rates.default_margin)) as cogs_cents,
  share_of(o.gross_cents - o.discount_cents, rates.shipping_share) as shipping_cost_cents,
  share_of(o.gross_cents - o.discount_cents, rates.ops_share) as ops_cost_cents,
  case
    when o.total_cents > 0 then share_of(o.total_cents, rates.payment_fee_share) + rates.payment_fee_fixed
    else 0
  end as payment_fee_cents,
  o.currency,
  o.original_currency,
  o.fx_date,
from totalled as o
cross join int_cost_rates__settled as rates
left join sums as s on s.order_id = o.order_id
left join refunded as r on r.order_id = o.order_id
left join ranked as d
  on d.order_id = o.order_id
  and d.dearest_first = 1
