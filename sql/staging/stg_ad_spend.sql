-- Every day of ad spend by single ad, where a platform serves it: one row per source, account, ad and day.
-- It is part of stg_spend and never added to it, because not all spend has an ad. Days are the ad account's own (D-05).
select
  spend_date,
  source,
  account_id,
  campaign_id,
  campaign_name,
  adset_id,
  adset_name,
  ad_id,
  ad_name,
  attribution_setting,
  currency,
  ad_spend_cents,
  impressions,
  clicks,
  conversions,
  conversion_value_cents,
from stg_meta_ads__ad_insights
