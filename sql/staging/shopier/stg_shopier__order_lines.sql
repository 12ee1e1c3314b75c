-- One row per line of the newest word about each order of Shopier. The order's discount is told by the order alone: it is shared out by amount.
-- grain: order_line_id
select
  order_id || ':' || line.place as order_line_id,
  order_id,
  'shopier:' || line.product_ref as product_ref,
  line.title,
  line.quantity,
  line.unit_price_cents,
  line.gross_cents,
  prorate(discount_cents, line.gross_cents, gross_cents) as discount_cents,
  currency,
from (
  select
    order_id,
    currency,
    gross_cents,
    discount_cents,
    unnest(lines) as line,
  from stg_shopier__orders
)
