-- People who buy for business customers, from the shop's own list; names, e-mails and phones are hashed unless the shop keeps them.
-- One row per user; a user whose is_active the list does not say counts as active.
-- grain: user_id
-- version: 1
select
  user_id,
  user_name_hash,
  company_name,
  company_erp_id,
  email_hash,
  office_phone_hash,
  cell_phone_hash,
  location_id,
  coalesce(is_active, true) as is_active,
  row_count,
from stg_users
order by user_id
