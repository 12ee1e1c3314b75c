-- Users of business customers as their newest list names them. One row each.
-- grain: user_id
select
  user_id,
  user_name_hash,
  user_name,
  company_name,
  company_erp_id,
  email_hash,
  email,
  office_phone_hash,
  office_phone,
  cell_phone_hash,
  cell_phone,
  location_id,
  is_active,
  row_count,
from stg_sftp__users
