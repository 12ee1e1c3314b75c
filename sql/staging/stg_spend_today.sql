-- What ad spend of a day under way had come to at each snapshot: one row per snapshot, source, account, campaign and day.
-- Figures are those of the day so far, never to be added over snapshots. Days are the ad account's own (D-05).
select
  snapshot_at,
  spend_date,
  source,
  account_id,
  campaign_id,
  campaign_name,
  currency,
  spend_so_far_cents,
  impressions_so_far,
  clicks_so_far,
from stg_meta_ads__insights_today

union all

select
  snapshot_at,
  spend_date,
  source,
  account_id,
  campaign_id,
  campaign_name,
  currency,
  spend_so_far_cents,
  impressions_so_far,
  clicks_so_far,
from stg_google_ads__campaign_days_today
