-- Warehouses and branches, from the shop's own list. One row per location; one whose is_active the list does not say counts as active.
-- What has left the list stays as last named, `is_listed` false and not active; what was named before is in `dim_location_history`.
-- grain: location_id
-- version: 2
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
  coalesce(is_active, true) as is_active,
  is_listed,
  row_count,
from int_locations__listed
order by location_id
