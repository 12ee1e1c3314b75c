-- One row per customer of a declared customers file.
-- grain: _key
select
  _key,
  _slice,
  'files:' || _key as customer_ref,
  'files' as source,
  max(lower(clean_text(r.email))) as email_hash,
  min(instant(r.created_at)) as created_at,
  max(clean_text(r.country)) as country,
  max(clean_text(r.region)) as region,
  max(clean_text(r.city)) as city,
from (
  select
    _key,
    _slice,
    from_json(payload, '{"email": "VARCHAR", "created_at": "VARCHAR", "country": "VARCHAR", "region": "VARCHAR", "city": "VARCHAR"}') as r,
  from raw.files__customers
)
group by _key, _slice
