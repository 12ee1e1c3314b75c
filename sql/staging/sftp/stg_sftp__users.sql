-- One row per user of the newest list; of two rows with one id the later one, and how many there were.
-- grain: _key
select
  _key,
  _slice,
  _key as user_id,
  clean_text(r.user_name) as user_name_hash,
  kept_text(clean_text(r.user_name)) as user_name,
  clean_text(r.company_name) as company_name,
  clean_text(r.company_erp_id) as company_erp_id,
  clean_text(r.email) as email_hash,
  kept_text(clean_text(r.email)) as email,
  clean_text(r.office_phone) as office_phone_hash,
  kept_text(clean_text(r.office_phone)) as office_phone,
  clean_text(r.cell_phone) as cell_phone_hash,
  kept_text(clean_text(r.cell_phone)) as cell_phone,
  clean_text(r.location_id) as location_id,
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
      from_json(payload, '{"row": "VARCHAR", "user_name": "VARCHAR", "company_name": "VARCHAR", "company_erp_id": "VARCHAR", "email": "VARCHAR", "office_phone": "VARCHAR", "cell_phone": "VARCHAR", "location_id": "VARCHAR", "is_active": "VARCHAR"}') as r,
    from raw.sftp__users
  )
  group by _key, _slice
)
