-- Every product variant of every source. One row per variant; unit cost only in the currency of the price; `deleted_at` when the shop told so.
-- Each branch stg_files__… has these columns, with the types of the first branch.
-- grain: product_key
select
  product_key,
  source,
  product_ref,
  variant_ref,
  sku,
  title,
  variant_title,
  category,
  vendor,
  price_cents,
  unit_cost_cents,
  currency,
  deleted_at,
from stg_shopify__variants

union all

select
  product_key,
  source,
  product_ref,
  variant_ref,
  sku,
  title,
  variant_title,
  category,
  vendor,
  price_cents,
  unit_cost_cents,
  currency,
  deleted_at,
from stg_files__shopify_products
