-- Every line of the orders in stg_orders. One row per line; amounts before tax.
-- Each branch stg_files__… has these columns, with the types of the first branch.
-- grain: order_line_id
-- check: reference order_id -> stg_orders (warning)
select
  order_line_id,
  order_id,
  source,
  product_ref,
  variant_ref,
  sku,
  title,
  vendor,
  category,
  quantity,
  unit_price_cents,
  gross_cents,
  discount_cents,
  currency,
from stg_shopify__order_lines

union all

select
  order_line_id,
  order_id,
  source,
  product_ref,
  variant_ref,
  sku,
  title,
  vendor,
  category,
  quantity,
  unit_price_cents,
  gross_cents,
  discount_cents,
  currency,
from stg_files__shopify_order_lines
where order_id in (select order_id from stg_orders)

union all

select
  order_line_id,
  order_id,
  source,
  product_ref,
  variant_ref,
  sku,
  title,
  vendor,
  category,
  quantity,
  unit_price_cents,
  gross_cents,
  discount_cents,
  currency,
from stg_files__order_lines
