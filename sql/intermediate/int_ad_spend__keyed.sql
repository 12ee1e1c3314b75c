-- Ad spend that is told by ad set or ad, with their keys: from the platforms' own reports, else from the rows of a file that name them.
-- A name stands in where a file has no ids. Days are the ad account's own (D-05).
with

told as (
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
    ad_spend_cents as spend_cents,
    impressions,
    clicks,
    conversions,
    conversion_value_cents,
  from stg_ad_spend

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
  from stg_spend
  where coalesce(adset_id, adset_name, ad_id, ad_name) is not null
    and not exists (
      select 1
      from stg_ad_spend as api
      where api.spend_date = stg_spend.spend_date
        and api.source = stg_spend.source
    )
)

select
  spend_date,
  source,
  account_id,
  campaign_key_of(source, account_id, campaign_id, campaign_name) as campaign_key,
  case
    when coalesce(adset_id, adset_name) is not null then campaign_key_of(source, account_id, adset_id, adset_name)
  end as adset_key,
  coalesce(adset_name, adset_id) as adset_name,
  case
    when ad_id is not null then campaign_key_of(source, account_id, ad_id, ad_name)
    when ad_name is not null then campaign_key_of(source, account_id, adset_id, adset_name) || '|' || ad_name
  end as ad_key,
  coalesce(ad_name, ad_id) as ad_name,
  currency,
  spend_cents,
  impressions,
  clicks,
  conversions,
  conversion_value_cents,
from told
