-- Every day of ad spend, at campaign level from the APIs, at the level of the file otherwise; never both for one day (D-11).
-- One row per source, account, day and the ids that the source has. Days are the ad account's own (D-05).
-- Purchases, leads and installs are null where a platform does not tell them apart (D-14).
-- Each branch stg_files__… has these columns, with the types of the first branch.
select
  spend_date,
  source,
  account_id,
  campaign_id,
  campaign_name,
  cast(null as varchar) as adset_id,
  cast(null as varchar) as adset_name,
  cast(null as varchar) as ad_id,
  cast(null as varchar) as ad_name,
  currency,
  spend_cents,
  impressions,
  clicks,
  conversions,
  conversion_value_cents,
  purchases,
  leads,
  installs,
from stg_meta_ads__insights

union all

select
  spend_date,
  source,
  account_id,
  campaign_id,
  campaign_name,
  cast(null as varchar) as adset_id,
  cast(null as varchar) as adset_name,
  cast(null as varchar) as ad_id,
  cast(null as varchar) as ad_name,
  currency,
  spend_cents,
  impressions,
  clicks,
  conversions,
  conversion_value_cents,
  cast(null as double) as purchases,
  cast(null as double) as leads,
  cast(null as double) as installs,
from stg_google_ads__campaign_days

union all

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
  currency,
  spend_cents,
  impressions,
  clicks,
  conversions,
  conversion_value_cents,
  conversions as purchases,
  null as leads,
  null as installs,
from stg_files__meta_ads
where not exists (
  select 1
  from stg_meta_ads__insights as api
  where api.spend_date = stg_files__meta_ads.spend_date
    and (stg_files__meta_ads.account_id is null or api.account_id = stg_files__meta_ads.account_id)
)

union all

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
  currency,
  spend_cents,
  impressions,
  clicks,
  conversions,
  conversion_value_cents,
  null as purchases,
  null as leads,
  null as installs,
from stg_files__google_ads
where not exists (
  select 1
  from stg_google_ads__campaign_days as api
  where api.spend_date = stg_files__google_ads.spend_date
    and (stg_files__google_ads.account_id is null or api.account_id = stg_files__google_ads.account_id)
)

union all

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
  currency,
  spend_cents,
  impressions,
  clicks,
  conversions,
  conversion_value_cents,
  null as purchases,
  null as leads,
  null as installs,
from stg_files__spend
