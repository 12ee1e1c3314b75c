-- One row per order line of the Admin API, unfolded from the orders that survived.
-- grain: order_line_id
select
  'shopify:' || line.order_line_id as order_line_id,
  'shopify:' || order_ref as order_id,
  'shopify' as source,
  'shopify:' || line.product_ref as product_ref,
  'shopify:' || line.variant_ref as variant_ref,
  line.sku,
  line.title,
  line.vendor,
  line.category,
  line.quantity,
  line.unit_price_cents,
  line.gross_cents,
  line.discount_cents,
  currency,
from (
  select
    order_ref,
    currency,
    unnest(lines) as line,
  from stg_shopify__orders
)
