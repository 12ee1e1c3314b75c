-- One row per line of the newest pushed version of each order. Webhooks name no category: the union takes it from the catalogue.
-- grain: order_line_id
select
  'shopify:' || line.order_line_id as order_line_id,
  'shopify:' || order_ref as order_id,
  'shopify:' || line.product_ref as product_ref,
  'shopify:' || line.variant_ref as variant_ref,
  line.sku,
  line.title,
  line.vendor,
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
  from stg_shopify_webhooks__orders
)
