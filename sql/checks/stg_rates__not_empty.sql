-- When exchange rates are configured there are rates.
-- severity: warning
-- needs: meta.configured where source = 'fx' (exchange rates are not configured)
select
  source,
from meta.configured
where source = 'fx'
  and not exists (select 1 from stg_rates)
