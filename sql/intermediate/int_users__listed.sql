-- Users of the newest list, and those who have left it as they were last named: not active, and kept because of what they did (D-63).
-- grain: user_id
with

seen as (
  select
    *,
    row_number() over (partition by user_id order by seen_at desc nulls last, change_id desc) as place,
  from int_users__told
  where change <> 'gone'
)

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
  true as is_listed,
from stg_users

union all

select
  s.user_id,
  s.user_name_hash,
  s.user_name,
  s.company_name,
  s.company_erp_id,
  s.email_hash,
  s.email,
  s.office_phone_hash,
  s.office_phone,
  s.cell_phone_hash,
  s.cell_phone,
  s.location_id,
  false as is_active,
  0 as row_count,
  false as is_listed,
from seen as s
left join stg_users as n on n.user_id = s.user_id
where s.place = 1
  and n.user_id is null
