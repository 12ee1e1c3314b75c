-- One row per customer account, ad group, ad and account-local day of Google Ads. Never added to campaign level: it is part of it, and
-- Performance Max has no ads at all.
-- grain: spend_date, account_id, ad_group_id, ad_id
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "customer": {"id": "VARCHAR", "currencyCode": "VARCHAR"},
      "campaign": {"id": "VARCHAR"},
      "adGroup": {"id": "VARCHAR"},
      "adGroupAd": {"ad": {"id": "VARCHAR"}},
      "segments": {"date": "VARCHAR"},
      "metrics": {
        "impressions": "VARCHAR", "clicks": "VARCHAR", "costMicros": "VARCHAR",
        "conversions": "VARCHAR", "conversionsValue": "VARCHAR"
      }
    }') as r,
  from raw.google_ads__ad_days
),

priced as (
  select
    _key,
    _slice,
    r,
    coalesce(r.customer.currencyCode, getvariable('currency')) as currency,
  from parsed
)

select
  _key,
  _slice,
  cast(r.segments.date as date) as spend_date,
  'google_ads' as source,
  r.customer.id as account_id,
  r.campaign.id as campaign_id,
  r.adGroup.id as ad_group_id,
  r.adGroupAd.ad.id as ad_id,
  currency,
  coalesce(micros_to_minor(r.metrics.costMicros, currency), 0) as ad_spend_cents,
  coalesce(cast(r.metrics.impressions as bigint), 0) as impressions,
  coalesce(cast(r.metrics.clicks as bigint), 0) as clicks,
  coalesce(cast(r.metrics.conversions as double), 0) as conversions,
  coalesce(minor_units(r.metrics.conversionsValue, currency), 0) as conversion_value_cents,
from priced
