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

union all

select
  d.spend_date,
  d.source,
  d.account_id,
  d.campaign_id,
  c.campaign_name,
  d.ad_group_id as adset_id,
  g.ad_group_name as adset_name,
  d.ad_id,
  a.ad_name,
  cast(null as varchar) as attribution_setting,
  d.currency,
  d.ad_spend_cents,
  d.impressions,
  d.clicks,
  d.conversions,
  d.conversion_value_cents,
from stg_google_ads__ad_days as d
left join stg_google_ads__campaigns as c
  on c.account_id = d.account_id
  and c.campaign_id = d.campaign_id
left join stg_google_ads__ad_groups as g
  on g.account_id = d.account_id
  and g.ad_group_id = d.ad_group_id
left join stg_google_ads__ads as a
  on a.account_id = d.account_id
  and a.ad_group_id = d.ad_group_id
  and a.ad_id = d.ad_id
