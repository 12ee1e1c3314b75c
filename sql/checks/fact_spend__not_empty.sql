-- When an ad platform is configured there is spend.
-- severity: warning
select
  source,
from meta.configured
where source in ('meta_ads', 'google_ads')
  and not exists (select 1 from fact_spend)
