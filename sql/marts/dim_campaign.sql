-- Ad campaigns that ever spent, under their newest name. One row per campaign of an ad account.
-- campaign_status is that of now: active, paused, or the platform's own word; null where no list names the campaign.
-- grain: campaign_key
-- version: 2
-- check: reference channel_id -> dim_channel
select
  campaign_key,
  source,
  account_id,
  campaign_id,
  campaign_name,
  campaign_status,
  channel_id,
  first_spend_date,
  last_spend_date,
from int_campaigns__named
order by campaign_key
