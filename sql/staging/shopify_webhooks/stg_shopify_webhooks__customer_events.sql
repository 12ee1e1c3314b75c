-- One row per webhook that tells a whole customer.
-- grain: _key
-- topics: customers/create, customers/update
with

parsed as (
  select
    _key,
    _slice,
    _fetched_at as received_at,
    from_json(payload, '{"topic": "VARCHAR", "body": {
      "id": "VARCHAR", "admin_graphql_api_id": "VARCHAR", "created_at": "VARCHAR", "updated_at": "VARCHAR", "email": "VARCHAR",
      "default_address": {"country_code": "VARCHAR", "province_code": "VARCHAR", "city": "VARCHAR"}
    }}') as e,
  from raw.shopify_webhooks__events
),

told as (
  select
    _key,
    _slice,
    received_at,
    e.body as c,
  from parsed
  where e.topic in ('customers/create', 'customers/update')
)

select
  _key,
  _slice,
  received_at,
  'shopify:' || coalesce(gid_tail(c.admin_graphql_api_id), c.id) as customer_ref,
  lower(clean_text(c.email)) as email_hash,
  instant(c.created_at) as created_at,
  instant(c.updated_at) as updated_at,
  c.default_address.country_code as country,
  c.default_address.province_code as region,
  c.default_address.city as city,
from told
