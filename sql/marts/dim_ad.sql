-- Ads that ever spent, under their newest name. One row per ad of an ad account.
-- grain: ad_key
-- version: 1
-- check: reference adset_key -> dim_ad_set
with

ranked as (
  select
    ad_key,
    ad_name,
    adset_key,
    campaign_key,
    source,
    row_number() over (
      partition by ad_key order by spend_date desc, ad_name, campaign_key, spend_cents desc
    ) as newest_first,
  from int_ad_spend__keyed
  where ad_key is not null
)

select
  ad_key,
  ad_name,
  adset_key,
  campaign_key,
  source,
from ranked
where newest_first = 1
order by ad_key
