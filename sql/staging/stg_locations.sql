-- Warehouses and branches as their newest list names them. One row each.
-- grain: location_id
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
from stg_sftp__locations
