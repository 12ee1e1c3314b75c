-- Refunds in the reporting currency at the rate of the day on which they were made (D-20); those without a rate as they are.
-- goods_at_order_rate_cents: the goods at the rate of the order, for shares of the order (D-13). One row per refund.
-- grain: refund_id
with

foreign_refunds as (
  select
    refund_id,
    order_id,
    currency,
    day_in_zone(refunded_at) as refund_date,
  from stg_refunds
  where currency <> getvariable('currency')
),

rated as (
  select
    r.refund_id,
    f.fx_date,
    f.rate_over,
    f.rate_under,
  from foreign_refunds as r
  inner join int_fx__daily as f
    on f.currency = r.currency
    and f.day = r.refund_date
  left join stg_orders as o on o.order_id = r.order_id
  left join int_orders__rated as x on x.order_id = r.order_id
  where o.order_id is null
    or o.currency = getvariable('currency')
    or x.order_id is not null
)

select
  r.refund_id,
  r.order_id,
  r.refunded_at,
  converted(r.refund_cents, f.rate_over, f.rate_under) as refund_cents,
  converted(r.tax_cents, f.rate_over, f.rate_under) as tax_cents,
  converted(r.shipping_cents, f.rate_over, f.rate_under) as shipping_cents,
  converted(r.refund_cents, f.rate_over, f.rate_under)
    + converted(r.tax_cents, f.rate_over, f.rate_under)
    + converted(r.shipping_cents, f.rate_over, f.rate_under)
    + converted(r.total_cents - r.refund_cents - r.tax_cents - r.shipping_cents, f.rate_over, f.rate_under) as total_cents,
  case
    when f.fx_date is null or x.fx_date is null then converted(r.refund_cents, f.rate_over, f.rate_under)
    else converted(r.refund_cents, x.rate_over, x.rate_under)
  end as goods_at_order_rate_cents,
  case when f.fx_date is null then r.currency else cast(getvariable('currency') as varchar) end as currency,
  r.currency as original_currency,
  f.fx_date,
from stg_refunds as r
left join rated as f on f.refund_id = r.refund_id
left join int_orders__rated as x
  on x.order_id = r.order_id
  and x.currency = r.currency
