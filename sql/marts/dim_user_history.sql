-- Users as the list named them, and from when to when (D-63). One row per user and state.
-- `valid_from` is the day on which the list was first read so, null: it was so when the list was first read; `valid_to` is the day on which it was
-- first read otherwise, null: it is so now. Whoever leaves the list ends and is kept. Days are the shop's.
-- grain: history_id
-- version: 1
-- may be empty
with

told as (
  select
    c.*,
    lead(seen_at) over (partition by user_id order by seen_at nulls first, change_id) as next_at,
  from int_users__told as c
),

versions as (
  select
    change_id as history_id,
    user_id,
    day_in_zone(seen_at) as valid_from,
    day_in_zone(next_at) as valid_to,
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
  from told
  where change <> 'gone'

  union all

  -- What never changed.
  select
    'now:' || n.user_id,
    n.user_id,
    cast(null as date),
    cast(null as date),
    n.user_name_hash,
    n.user_name,
    n.company_name,
    n.company_erp_id,
    n.email_hash,
    n.email,
    n.office_phone_hash,
    n.office_phone,
    n.cell_phone_hash,
    n.cell_phone,
    n.location_id,
    n.is_active,
  from stg_users as n
  where not exists (
    select 1
    from told
    where told.user_id = n.user_id
  )
)

select
  history_id,
  user_id,
  valid_from,
  valid_to,
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
from versions
order by history_id
