-- Placeholder with the columns and types that the union expects; one row per row of the file until the real model is here.
select
  _key,
  _slice,
  cast(null as varchar) as order_line_id,
  cast(null as varchar) as order_id,
  cast(null as varchar) as source,
  cast(null as varchar) as product_ref,
  cast(null as varchar) as variant_ref,
  cast(null as varchar) as sku,
  cast(null as varchar) as title,
  cast(null as varchar) as vendor,
  cast(null as varchar) as category,
  cast(null as bigint) as quantity,
  cast(null as bigint) as unit_price_cents,
  cast(null as bigint) as gross_cents,
  cast(null as bigint) as discount_cents,
  cast(null as varchar) as currency,
from raw.files__order_lines
