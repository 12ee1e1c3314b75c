-- Placeholder with the columns and types that the union expects; one row per row of the file until the real model is here.
select
  _key,
  _slice,
  cast(null as varchar) as refund_id,
  cast(null as varchar) as order_id,
  cast(null as varchar) as source,
  cast(null as timestamptz) as refunded_at,
  cast(null as bigint) as refund_cents,
  cast(null as bigint) as tax_cents,
  cast(null as bigint) as shipping_cents,
  cast(null as bigint) as total_cents,
  cast(null as varchar) as currency,
from raw.files__orders
