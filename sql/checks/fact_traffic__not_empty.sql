-- When GA4 is configured there is traffic.
-- severity: warning
-- needs: meta.configured where source = 'ga4' (GA4 is not configured)
-- alias: traffic_not_empty
select
  source,
from meta.configured
where source = 'ga4'
  and not exists (select 1 from fact_traffic)
