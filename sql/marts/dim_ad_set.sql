-- Ad sets that ever spent, under their newest name. One row per ad set of an ad account.
-- grain: adset_key
-- version: 1
with

ranked as (
  select
    adset_key,
    adset_name,
    campaign_key,
    source,
    row_number() over (
      partition by adset_key order by spend_date desc, adset_name, campaign_key, spend_cents desc
    ) as newest_first,
  from int_ad_spend__keyed
  where adset_key is not null
)

select
  adset_key,
  adset_name,
  campaign_key,
  source,
from ranked
where newest_first = 1
order by adset_key
