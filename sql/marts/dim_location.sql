-- Warehouses and branches, from the shop's own list. One row per location.
-- A location whose is_active the list does not say counts as active.
-- grain: location_id
-- version: 1
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
  row_count,
from stg_locations
order by location_id
