-- One row per refund in the newest pushed version of each order, on its own date. Goods are what was paid back less its tax and shipping (D-07).
-- A refund without items takes its tax by the order's own share of tax; one that pays back everything is split exactly.
-- grain: refund_id
with

refunds as (
  select
    order_ref,
    currency,
    tax_cents as order_tax,
    shipping_cents as order_shipping,
    total_cents as order_total,
    is_tax_included,
    unnest(refunds) as refund,
  from stg_shopify_webhooks__orders
),

split as (
  select
    *,
    case
      when refund.is_itemised then least(refund.goods_tax + refund.shipping_tax, refund.total_cents)
      else prorate(refund.total_cents, order_tax, order_total)
    end as tax_cents,
    case
      when refund.is_itemised then refund.shipping - case when is_tax_included then refund.shipping_tax else 0 end
      when refund.total_cents = order_total then order_shipping
      else 0
    end as claimed_shipping,
  from refunds
),

settled as (
  select
    * exclude (claimed_shipping),
    greatest(least(claimed_shipping, refund.total_cents - tax_cents), 0) as shipping_cents,
  from split
)

select
  'shopify:' || refund.refund_id as refund_id,
  'shopify:' || order_ref as order_id,
  'shopify' as source,
  refund.refunded_at,
  refund.total_cents - tax_cents - shipping_cents as refund_cents,
  tax_cents,
  shipping_cents,
  refund.total_cents,
  currency,
from settled
