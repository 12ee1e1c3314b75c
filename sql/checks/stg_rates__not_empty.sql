-- When exchange rates are configured there are rates.
-- severity: warning
select
  source,
from meta.configured
where source = 'fx'
  and not exists (select 1 from stg_rates)
