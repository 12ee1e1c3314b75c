-- When GA4 is configured there is traffic.
-- severity: warning
select
  source,
from meta.configured
where source = 'ga4'
  and not exists (select 1 from fact_traffic)
