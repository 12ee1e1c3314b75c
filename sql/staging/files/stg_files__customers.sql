-- Placeholder with the columns and types that the union expects; one row per row of the file until the real model is here.
select
  _key,
  _slice,
  cast(null as varchar) as customer_ref,
  cast(null as varchar) as source,
  cast(null as varchar) as email_hash,
  cast(null as timestamptz) as created_at,
  cast(null as varchar) as country,
  cast(null as varchar) as region,
  cast(null as varchar) as city,
from raw.files__customers
