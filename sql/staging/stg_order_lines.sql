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
where order_id not in (select order_id from stg_pushed_orders)

union all

select
  line.order_line_id,
  line.order_id,
  'shopify' as source,
  line.product_ref,
  line.variant_ref,
  line.sku,
  line.title,
  line.vendor,
  read.category,
  line.quantity,
  line.unit_price_cents,
  line.gross_cents,
  line.discount_cents,
  line.currency,
from stg_shopify_webhooks__order_lines as line
semi join stg_pushed_orders as newer on newer.order_id = line.order_id
left join stg_shopify__products as read on 'shopify:' || read.product_ref = line.product_ref

union all

select
  order_line_id,
  order_id,
  'shopier' as source,
  product_ref,
  cast(null as varchar) as variant_ref,
  cast(null as varchar) as sku,
  title,
  cast(null as varchar) as vendor,
  cast(null as varchar) as category,
  quantity,
  unit_price_cents,
  gross_cents,
  discount_cents,
  currency,
from stg_shopier__order_lines

union all

select
  order_line_id,
  order_id,
  'webhooks' as source,
  product_ref,
  cast(null as varchar) as variant_ref,
  sku,
  title,
  cast(null as varchar) as vendor,
  category,
  quantity,
  unit_price_cents,
  gross_cents,
  discount_cents,
  currency,
from stg_webhooks__order_lines

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
