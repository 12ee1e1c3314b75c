-- What the list of locations ever said of each: before its first change (`change` is unchanged, `seen_at` null), and after each change (D-63).
-- grain: change_id
-- may be empty
with

numbered as (
  select
    *,
    row_number() over (partition by location_id, is_before order by seen_at, change_id) as change_number,
  from stg_location_changes
)

select
  case when is_before then 'before:' || change_id else change_id end as change_id,
  location_id,
  case when is_before then 'unchanged' else change end as change,
  case when not is_before then seen_at end as seen_at,
  location_code,
  location_name,
  address1,
  address2,
  address3,
  zip,
  city,
  state,
  country,
  is_active,
from numbered
where not is_before
  or (change_number = 1 and change <> 'added')
