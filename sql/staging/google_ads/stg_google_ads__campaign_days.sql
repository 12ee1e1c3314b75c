-- One row per customer account, campaign and account-local day of Google Ads; cost is exact from micros (D-05, D-15).
-- Every kind of campaign is in it, Performance Max too. `conversions` are booked on the day of the click, `…_when_made` on
-- their own. An impression share of 0.0999 means less than ten percent; null: this kind of campaign has none.
-- grain: spend_date, account_id, campaign_id
with

parsed as (
  select
    _key,
    _slice,
    _fetched_at,
    from_json(payload, '{
      "customer": {"id": "VARCHAR", "currencyCode": "VARCHAR", "timeZone": "VARCHAR", "descriptiveName": "VARCHAR"},
      "campaign": {"id": "VARCHAR", "name": "VARCHAR", "status": "VARCHAR", "advertisingChannelType": "VARCHAR"},
      "segments": {"date": "VARCHAR"},
      "metrics": {
        "impressions": "VARCHAR", "clicks": "VARCHAR", "costMicros": "VARCHAR",
        "conversions": "VARCHAR", "conversionsValue": "VARCHAR", "allConversions": "VARCHAR", "allConversionsValue": "VARCHAR",
        "viewThroughConversions": "VARCHAR", "conversionsByConversionDate": "VARCHAR",
        "conversionsValueByConversionDate": "VARCHAR", "searchImpressionShare": "VARCHAR"
      }
    }') as r,
  from raw.google_ads__campaign_days
),

priced as (
  select
    _key,
    _slice,
    _fetched_at,
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
  r.customer.descriptiveName as account_name,
  r.customer.timeZone as time_zone,
  r.campaign.id as campaign_id,
  r.campaign.name as campaign_name,
  r.campaign.status as campaign_status,
  r.campaign.advertisingChannelType as channel_type,
  currency,
  coalesce(cast(r.metrics.costMicros as bigint), 0) as cost_micros,
  coalesce(micros_to_minor(r.metrics.costMicros, currency), 0) as spend_cents,
  coalesce(cast(r.metrics.impressions as bigint), 0) as impressions,
  coalesce(cast(r.metrics.clicks as bigint), 0) as clicks,
  coalesce(cast(r.metrics.conversions as double), 0) as conversions,
  coalesce(minor_units(r.metrics.conversionsValue, currency), 0) as conversion_value_cents,
  cast(r.metrics.allConversions as double) as all_conversions,
  minor_units(r.metrics.allConversionsValue, currency) as all_conversion_value_cents,
  cast(r.metrics.viewThroughConversions as bigint) as view_through_conversions,
  cast(r.metrics.conversionsByConversionDate as double) as conversions_when_made,
  minor_units(r.metrics.conversionsValueByConversionDate, currency) as conversion_value_when_made_cents,
  cast(r.metrics.searchImpressionShare as double) as search_impression_share,
  cast(_fetched_at as timestamptz) as seen_at,
from priced
