-- One row per product variant of the Admin API, unfolded from the products that survived.
-- grain: product_key
select
  'shopify:' || variant.variant_ref as product_key,
  'shopify' as source,
  'shopify:' || product_ref as product_ref,
  'shopify:' || variant.variant_ref as variant_ref,
  variant.sku,
  title,
  variant.variant_title,
  category,
  vendor,
  variant.price_cents,
  case when variant.unit_cost_currency = currency then variant.unit_cost_cents end as unit_cost_cents,
  currency,
from (
  select
    product_ref,
    title,
    category,
    vendor,
    currency,
    unnest(variants) as variant,
  from stg_shopify__products
)
