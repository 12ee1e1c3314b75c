-- One row per order of Shopify's orders export with an amount refunded: the export has one sum, no date and no split.
-- Tax by the order's own share of tax; shipping only when everything was paid back; the rest is goods (D-07).
-- grain: refund_id
with

refunds as (
  select
    order_id,
    source,
    refunded_at,
    refund_total_cents as total_cents,
    prorate(refund_total_cents, tax_cents, total_cents) as tax_cents,
    case when refund_total_cents = total_cents then shipping_cents else 0 end as claimed_shipping,
    currency,
  from stg_files__shopify_orders
  where refund_total_cents > 0
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
  source,
  refunded_at,
  total_cents - tax_cents - shipping_cents as refund_cents,
  tax_cents,
  shipping_cents,
  total_cents,
  currency,
from settled
