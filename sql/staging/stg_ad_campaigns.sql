-- Every campaign of the ad platforms that their APIs list, as it is now. Campaigns that are not listed (deleted, from files) are missing.
-- grain: source, account_id, campaign_id
select
  'meta_ads' as source,
  account_id,
  campaign_id,
  campaign_name,
  effective_status as campaign_status,
  objective as channel_type,
from stg_meta_ads__campaigns

union all

select
  'google_ads' as source,
  account_id,
  campaign_id,
  campaign_name,
  campaign_status,
  channel_type,
from stg_google_ads__campaigns
