-- Placeholder with the columns and types that the union expects; one row per row of the file until the real model is here.
select
  _key,
  _slice,
  cast(null as varchar) as product_key,
  cast(null as varchar) as source,
  cast(null as varchar) as product_ref,
  cast(null as varchar) as variant_ref,
  cast(null as varchar) as sku,
  cast(null as varchar) as title,
  cast(null as varchar) as variant_title,
  cast(null as varchar) as category,
  cast(null as varchar) as vendor,
  cast(null as bigint) as price_cents,
  cast(null as bigint) as unit_cost_cents,
  cast(null as varchar) as currency,
from raw.files__shopify_products
