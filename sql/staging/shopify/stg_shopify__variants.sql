-- One row per product variant of the Admin API, unfolded from the products that survived; a deleted product keeps its rows and its day.
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
  deletion.deleted_at,
from (
  select
    product_ref,
    title,
    category,
    vendor,
    currency,
    unnest(variants) as variant,
  from stg_shopify__products
) as unfolded
left join stg_shopify__deletions as deletion
  on deletion.subject_ref = unfolded.product_ref and deletion.subject_type = 'product'
