-- People who buy for business customers, one row each, from the shop's own list.
-- Names, e-mails and phones are hashed unless the shop keeps them (`pii: "keep"`); the plain
-- `user_name`, `email`, `office_phone`, `cell_phone` are null unless it does. A user whose is_active the list does not say counts as active.
-- Who has left the list stays as last named, `is_listed` false and not active; what was named before is in `dim_user_history`.
-- grain: user_id
-- version: 2
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
  coalesce(is_active, true) as is_active,
  is_listed,
  row_count,
from int_users__listed
order by user_id
