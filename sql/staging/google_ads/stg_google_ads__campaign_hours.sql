-- One row per customer account, campaign, account-local day and hour (0 to 23) of Google Ads. Only the last days are read again, so
-- older hours may add up to another figure than their day.
-- grain: spend_date, spend_hour, account_id, campaign_id
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "customer": {"id": "VARCHAR", "currencyCode": "VARCHAR", "timeZone": "VARCHAR"},
      "campaign": {"id": "VARCHAR"},
      "segments": {"date": "VARCHAR", "hour": "INTEGER"},
      "metrics": {
        "impressions": "VARCHAR", "clicks": "VARCHAR", "costMicros": "VARCHAR",
        "conversions": "VARCHAR", "conversionsValue": "VARCHAR"
      }
    }') as r,
  from raw.google_ads__campaign_hours
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
  r.segments.hour as spend_hour,
  'google_ads' as source,
  r.customer.id as account_id,
  r.customer.timeZone as time_zone,
  r.campaign.id as campaign_id,
  currency,
  coalesce(cast(r.metrics.costMicros as bigint), 0) as cost_micros,
  coalesce(micros_to_minor(r.metrics.costMicros, currency), 0) as hour_spend_cents,
  coalesce(cast(r.metrics.impressions as bigint), 0) as impressions,
  coalesce(cast(r.metrics.clicks as bigint), 0) as clicks,
  coalesce(cast(r.metrics.conversions as double), 0) as conversions,
  coalesce(minor_units(r.metrics.conversionsValue, currency), 0) as conversion_value_cents,
from priced
