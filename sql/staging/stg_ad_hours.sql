-- Every hour (0 to 23) of ad spend by campaign, where a platform serves it: it is part of stg_spend and never added to it.
-- Days and hours are the ad account's own (D-05). Hours older than a week may differ from their day: they are not read again.
-- grain: source, account_id, campaign_id, spend_date, spend_hour
select
  spend_date,
  spend_hour,
  source,
  account_id,
  known_zone(time_zone) as time_zone,
  unknown_zone(time_zone) as unknown_time_zone,
  campaign_id,
  currency,
  cost_micros,
  hour_spend_cents,
  impressions,
  clicks,
  conversions,
  conversion_value_cents,
from stg_google_ads__campaign_hours
