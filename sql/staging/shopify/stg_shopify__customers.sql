-- One row per customer of the Admin API; no name, no address: place and hashed e-mail only.
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "id": "VARCHAR", "createdAt": "VARCHAR",
      "defaultEmailAddress": {"emailAddress": "VARCHAR"},
      "defaultAddress": {"countryCodeV2": "VARCHAR", "provinceCode": "VARCHAR", "city": "VARCHAR"}
    }') as c,
  from raw.shopify__customers
)

select
  _key,
  _slice,
  'shopify:' || gid_tail(c.id) as customer_ref,
  'shopify' as source,
  lower(clean_text(c.defaultEmailAddress.emailAddress)) as email_hash,
  instant(c.createdAt) as created_at,
  c.defaultAddress.countryCodeV2 as country,
  c.defaultAddress.provinceCode as region,
  c.defaultAddress.city as city,
from parsed
