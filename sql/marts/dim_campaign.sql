-- Ad campaigns that ever spent, under their newest name. One row per campaign of an ad account.
-- grain: campaign_key
-- version: 1
-- check: reference channel_id -> dim_channel
select
  campaign_key,
  source,
  account_id,
  campaign_id,
  campaign_name,
  channel_id,
  first_spend_date,
  last_spend_date,
from int_campaigns__named
order by campaign_key
