-- One row per line of Shopify's orders export, unfolded from the orders that survived; the export numbers no lines, so their place does.
-- grain: order_line_id
select
  order_id || ':' || place as order_line_id,
  order_id,
  source,
  cast(null as varchar) as product_ref,
  cast(null as varchar) as variant_ref,
  line.sku,
  line.title,
  line.vendor,
  cast(null as varchar) as category,
  line.quantity,
  line.unit_price_cents,
  line.gross_cents,
  line.discount_cents,
  currency,
from (
  select
    order_id,
    source,
    currency,
    unnest(lines) as line,
    unnest(range(1, len(lines) + 1)) as place,
  from stg_files__shopify_orders
)
