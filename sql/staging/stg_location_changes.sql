-- Locations as they were in the list before and after each change of it (D-63).
-- grain: change_id, is_before
-- may be empty
select
  _key as change_id,
  true as is_before,
  change,
  seen_at,
  row_id as location_id,
  clean_text(before.location_code) as location_code,
  clean_text(before.location_name) as location_name,
  clean_text(before.address1) as address1,
  clean_text(before.address2) as address2,
  clean_text(before.address3) as address3,
  clean_text(before.zip) as zip,
  clean_text(before.city) as city,
  clean_text(before.state) as state,
  clean_text(before.country) as country,
  try_cast(before.is_active as boolean) as is_active,
from stg_growthos__list_changes
where list_name = 'locations'

union all

select
  _key,
  false,
  change,
  seen_at,
  row_id,
  clean_text(after.location_code),
  clean_text(after.location_name),
  clean_text(after.address1),
  clean_text(after.address2),
  clean_text(after.address3),
  clean_text(after.zip),
  clean_text(after.city),
  clean_text(after.state),
  clean_text(after.country),
  try_cast(after.is_active as boolean),
from stg_growthos__list_changes
where list_name = 'locations'
