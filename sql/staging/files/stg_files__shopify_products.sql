-- One row per variant of Shopify's products export, unfolded from the products that survived; the export numbers no variants.
-- grain: product_key
select
  'shopify:handle:' || handle || ':' || place as product_key,
  'shopify' as source,
  'shopify:handle:' || handle as product_ref,
  cast(null as varchar) as variant_ref,
  variant.sku,
  title,
  variant.variant_title,
  category,
  vendor,
  variant.price_cents,
  variant.unit_cost_cents,
  currency,
  cast(null as timestamptz) as deleted_at,
from (
  select
    _key as handle,
    title,
    category,
    vendor,
    currency,
    unnest(variants) as variant,
    unnest(range(1, len(variants) + 1)) as place,
  from stg_files__shopify_product_rows
)
