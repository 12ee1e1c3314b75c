-- What a day has cost so far does not become less: a platform that takes spend back corrects clicks that it holds for invalid.
-- severity: warning
select
  spend_date,
  snapshot_at,
  campaign_key,
  spend_so_far_cents,
  spend_cents,
from fact_spend_intraday
where spend_cents < 0
order by snapshot_at, campaign_key
