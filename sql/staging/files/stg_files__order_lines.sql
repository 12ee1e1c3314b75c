-- One row per line of the declared orders: from a file of lines, else from the orders file itself. Lines of unknown orders are left out.
-- grain: order_line_id
with

own as (
  select
    order_id,
    line_id,
    product_id,
    variant_id,
    sku,
    title,
    category,
    vendor,
    quantity,
    unit_price_cents,
    gross_cents,
    discount_cents,
    currency,
  from stg_files__order_row_lines
  where gross_cents is not null
    and order_id not in (select order_id from stg_files__line_rows)

  union all

  select
    order_id,
    line_id,
    product_id,
    variant_id,
    sku,
    title,
    category,
    vendor,
    quantity,
    unit_price_cents,
    gross_cents,
    discount_cents,
    currency,
  from stg_files__line_rows
  where order_id in (select order_id from stg_files__orders)
)

select
  order_id || ':' || line_id as order_line_id,
  order_id,
  'files' as source,
  'files:' || product_id as product_ref,
  'files:' || variant_id as variant_ref,
  sku,
  title,
  vendor,
  category,
  quantity,
  unit_price_cents,
  gross_cents,
  discount_cents,
  currency,
from own
