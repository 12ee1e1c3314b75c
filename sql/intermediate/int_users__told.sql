-- What the list of users ever said of each: before its first change (`change` is unchanged, `seen_at` null), and after each change (D-63).
-- grain: change_id
-- may be empty
with

numbered as (
  select
    *,
    row_number() over (partition by user_id, is_before order by seen_at, change_id) as change_number,
  from stg_user_changes
)

select
  case when is_before then 'before:' || change_id else change_id end as change_id,
  user_id,
  case when is_before then 'unchanged' else change end as change,
  case when not is_before then seen_at end as seen_at,
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
from numbered
where not is_before
  or (change_number = 1 and change <> 'added')
