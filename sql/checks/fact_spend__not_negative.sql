-- No day of spend is negative.
-- severity: critical
-- alias: no_negative_spend
select
  spend_date,
  campaign_key,
  spend_cents,
from fact_spend
where spend_cents < 0
