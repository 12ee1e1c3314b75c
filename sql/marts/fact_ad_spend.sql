-- The spend of fact_spend by ad set and ad, as far as they are told, with the rest of each campaign in a row without an ad.
-- Every sum is therefore that of fact_spend. Platforms restate ads and campaigns apart: a rest may be negative. Converted as there (D-20).
-- One row per day, campaign, part of it (the ad, the ad set where no ad is told, or the rest) and currency of the account.
-- grain: spend_date, campaign_key, part_key, original_currency
-- version: 1
-- check: reference campaign_key -> dim_campaign
-- check: reference adset_key -> dim_ad_set
-- check: reference ad_key -> dim_ad
with

ads as (
  select
    k.spend_date,
    k.source,
    k.account_id,
    k.campaign_key,
    c.channel_id,
    k.adset_key,
    k.ad_key,
    k.currency,
    total(k.spend_cents) as spend_cents,
    total(k.impressions) as impressions,
    total(k.clicks) as clicks,
    sum(k.conversions) as conversions,
    total(k.conversion_value_cents) as conversion_value_cents,
  from int_ad_spend__keyed as k
  inner join int_campaigns__named as c on c.campaign_key = k.campaign_key
  group by k.spend_date, k.source, k.account_id, k.campaign_key, c.channel_id, k.adset_key, k.ad_key, k.currency
),

priced as (
  select
    a.spend_date,
    a.source,
    a.account_id,
    a.campaign_key,
    a.channel_id,
    a.adset_key,
    a.ad_key,
    case when f.fx_date is null then a.currency else cast(getvariable('currency') as varchar) end as currency,
    a.currency as original_currency,
    f.fx_date,
    converted(a.spend_cents, f.rate_over, f.rate_under) as spend_cents,
    a.impressions,
    a.clicks,
    a.conversions,
    converted(a.conversion_value_cents, f.rate_over, f.rate_under) as conversion_value_cents,
  from ads as a
  left join int_fx__daily as f
    on f.currency = a.currency
    and f.day = a.spend_date
),

parts as (
  select
    spend_date, source, account_id, campaign_key, channel_id, adset_key, ad_key, currency, original_currency, fx_date,
    spend_cents, impressions, clicks, conversions, conversion_value_cents,
  from priced

  union all

  select
    spend_date, source, account_id, campaign_key, channel_id, null as adset_key, null as ad_key, currency,
    original_currency, fx_date, spend_cents, impressions, clicks, conversions, conversion_value_cents,
  from fact_spend

  union all

  select
    spend_date, source, account_id, campaign_key, channel_id, null as adset_key, null as ad_key, currency,
    original_currency, fx_date, -spend_cents, -impressions, -clicks, -conversions, -conversion_value_cents,
  from priced
),

summed as (
  select
    spend_date, source, account_id, campaign_key, channel_id, adset_key, ad_key, currency, original_currency, fx_date,
    total(spend_cents) as spend_cents,
    total(impressions) as impressions,
    total(clicks) as clicks,
    sum(cast(conversions as decimal(38, 9))) as conversions,
    total(conversion_value_cents) as conversion_value_cents,
  from parts
  group by
    spend_date, source, account_id, campaign_key, channel_id, adset_key, ad_key, currency, original_currency, fx_date
)

select
  spend_date,
  source,
  account_id,
  campaign_key,
  coalesce(ad_key, adset_key, '(rest)') as part_key,
  channel_id,
  adset_key,
  ad_key,
  currency,
  currency = getvariable('currency') as is_reporting_currency,
  original_currency,
  fx_date,
  spend_cents,
  impressions,
  clicks,
  cast(conversions as double) as conversions,
  conversion_value_cents,
from summed
where adset_key is not null
  or ad_key is not null
  or spend_cents <> 0
  or impressions <> 0
  or clicks <> 0
  or conversions <> 0
  or conversion_value_cents <> 0
order by spend_date, campaign_key, part_key, original_currency
