-- The list names each location once; of several rows with one id the last one was taken.
-- severity: warning
select
  location_id,
  row_count,
from dim_location
where row_count > 1
