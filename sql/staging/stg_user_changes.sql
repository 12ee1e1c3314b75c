-- Users as they were in the list before and after each change of it (D-63).
-- grain: change_id, is_before
-- may be empty
select
  _key as change_id,
  true as is_before,
  change,
  seen_at,
  row_id as user_id,
  clean_text(before.user_name) as user_name_hash,
  kept_text(clean_text(before.user_name)) as user_name,
  clean_text(before.company_name) as company_name,
  clean_text(before.company_erp_id) as company_erp_id,
  clean_text(before.email) as email_hash,
  kept_text(clean_text(before.email)) as email,
  clean_text(before.office_phone) as office_phone_hash,
  kept_text(clean_text(before.office_phone)) as office_phone,
  clean_text(before.cell_phone) as cell_phone_hash,
  kept_text(clean_text(before.cell_phone)) as cell_phone,
  clean_text(before.location_id) as location_id,
  try_cast(before.is_active as boolean) as is_active,
from stg_growthos__list_changes
where list_name = 'users'

union all

select
  _key,
  false,
  change,
  seen_at,
  row_id,
  clean_text(after.user_name),
  kept_text(clean_text(after.user_name)),
  clean_text(after.company_name),
  clean_text(after.company_erp_id),
  clean_text(after.email),
  kept_text(clean_text(after.email)),
  clean_text(after.office_phone),
  kept_text(clean_text(after.office_phone)),
  clean_text(after.cell_phone),
  kept_text(clean_text(after.cell_phone)),
  clean_text(after.location_id),
  try_cast(after.is_active as boolean),
from stg_growthos__list_changes
where list_name = 'users'
