-- The list names each user once; of several rows with one id the last one was taken.
-- severity: warning
select
  user_id,
  row_count,
from dim_user
where row_count > 1
