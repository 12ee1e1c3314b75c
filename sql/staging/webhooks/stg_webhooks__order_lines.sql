-- One row per item of the newest word about each order of the generic webhook.
-- grain: order_line_id
select
  order_id || ':' || line.place as order_line_id,
  order_id,
  'webhooks:' || coalesce(line.product_ref, line.sku) as product_ref,
  line.sku,
  line.title,
  line.category,
  line.quantity,
  line.unit_price_cents,
  line.gross_cents,
  line.discount_cents,
  currency,
from (
  select
    order_id,
    currency,
    unnest(lines) as line,
  from stg_webhooks__orders
)
