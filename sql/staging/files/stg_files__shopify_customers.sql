-- One row per customer of Shopify's customers export; no name, no address: place and hashed e-mail only. The export dates no customer.
-- grain: _key
select
  _key,
  _slice,
  'shopify:' || ltrim(_key, '''') as customer_ref,
  'shopify' as source,
  max(lower(clean_text(cells[1]))) as email_hash,
  cast(null as timestamptz) as created_at,
  max(clean_text(cells[2])) as country,
  max(clean_text(cells[3])) as region,
  max(clean_text(cells[4])) as city,
from (
  select
    _key,
    _slice,
    json_extract_string(payload, ['$.email', '$.default_address_country_code', '$.default_address_province_code', '$.default_address_city']) as cells,
  from raw.files__shopify_customers
)
group by _key, _slice
