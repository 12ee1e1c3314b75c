-- Spend of a day under way grows from snapshot to snapshot; where a platform took some back, the row says so.
-- severity: critical
select
  spend_date,
  campaign_key,
  snapshot_at,
  spend_before_cents,
  spend_so_far_cents,
from (
  select
    *,
    max(spend_so_far_cents) over (
      partition by spend_date, campaign_key, currency
      order by snapshot_at
      rows between 1 preceding and 1 preceding
    ) as spend_before_cents,
  from fact_spend_intraday
)
where spend_so_far_cents < spend_before_cents
  and not is_restated
