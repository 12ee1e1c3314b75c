-- Locations of the newest list, and those that have left it as they were last named: not active, and kept because of what was done there (D-63).
-- grain: location_id
with

seen as (
  select
    *,
    row_number() over (partition by location_id order by seen_at desc nulls last, change_id desc) as place,
  from int_locations__told
  where change <> 'gone'
)

select
  location_id,
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
  row_count,
  true as is_listed,
from stg_locations

union all

select
  s.location_id,
  s.location_code,
  s.location_name,
  s.address1,
  s.address2,
  s.address3,
  s.zip,
  s.city,
  s.state,
  s.country,
  false as is_active,
  0 as row_count,
  false as is_listed,
from seen as s
left join stg_locations as n on n.location_id = s.location_id
where s.place = 1
  and n.location_id is null
