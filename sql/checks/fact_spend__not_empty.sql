-- When an ad platform is configured there is spend.
-- severity: warning
-- needs: meta.configured where source in ('meta_ads', 'google_ads') (no ad platform is configured)
-- alias: spend_not_empty
select
  source,
from meta.configured
where source in ('meta_ads', 'google_ads')
  and not exists (select 1 from fact_spend)
