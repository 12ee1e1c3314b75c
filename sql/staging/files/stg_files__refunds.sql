-- One row per declared order with an amount refunded, on its own date when the file has one, else on the order's day (D-07).
-- grain: refund_id
with

refunds as (
  select
    o.order_id,
    coalesce(r.refunded_at, r.cancelled_at, o.processed_at) as refunded_at,
    o.refund_total_cents as total_cents,
    prorate(o.refund_total_cents, o.tax_cents, o.total_cents) as tax_cents,
    case when o.refund_total_cents = o.total_cents then o.shipping_cents else 0 end as claimed_shipping,
    o.currency,
  from stg_files__orders as o
  inner join stg_files__order_rows as r on r.order_id = o.order_id
  where o.refund_total_cents > 0
),

settled as (
  select
    *,
    greatest(least(claimed_shipping, total_cents - tax_cents), 0) as shipping_cents,
  from refunds
)

select
  order_id || ':refund' as refund_id,
  order_id,
  'files' as source,
  refunded_at,
  total_cents - tax_cents - shipping_cents as refund_cents,
  tax_cents,
  shipping_cents,
  total_cents,
  currency,
from settled
