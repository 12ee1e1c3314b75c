-- One row per location (warehouse, branch) of the newest list; of two rows with one id the later one, and how many there were.
-- grain: _key
select
  _key,
  _slice,
  _key as location_id,
  clean_text(r.location_code) as location_code,
  clean_text(r.location_name) as location_name,
  clean_text(r.address1) as address1,
  clean_text(r.address2) as address2,
  clean_text(r.address3) as address3,
  clean_text(r.zip) as zip,
  clean_text(r.city) as city,
  clean_text(r.state) as state,
  clean_text(r.country) as country,
  try_cast(r.is_active as boolean) as is_active,
  row_count,
from (
  select
    _key,
    _slice,
    max_by(r, try_cast(r.row as bigint)) as r,
    count(*) as row_count,
  from (
    select
      _key,
      _slice,
      from_json(payload, '{"row": "VARCHAR", "location_code": "VARCHAR", "location_name": "VARCHAR", "address1": "VARCHAR", "address2": "VARCHAR", "address3": "VARCHAR", "zip": "VARCHAR", "city": "VARCHAR", "state": "VARCHAR", "country": "VARCHAR", "is_active": "VARCHAR"}') as r,
    from raw.sftp__locations
  )
  group by _key, _slice
)
