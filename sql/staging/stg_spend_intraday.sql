-- Snapshots of the ad spend of days under way: one row per source, account, campaign and snapshot, with the figures of the day so far.
-- Days are the ad account's own (D-05). Kept by the quarter of an hour for a day, then by the hour.
select
  spend_date,
  snapshot_at,
  source,
  account_id,
  campaign_id,
  campaign_name,
  currency,
  spend_so_far_cents,
  impressions,
  clicks,
  conversions,
  conversion_value_cents,
from stg_meta_ads__insights_today

union all

select
  spend_date,
  snapshot_at,
  source,
  account_id,
  campaign_id,
  campaign_name,
  currency,
  spend_so_far_cents,
  impressions,
  clicks,
  conversions,
  conversion_value_cents,
from stg_google_ads__campaign_days_today
