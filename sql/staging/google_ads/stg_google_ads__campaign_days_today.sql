-- One row per customer account, campaign and quarter of an hour at which the day under way was looked at (`sync --today`): figures so far.
-- grain: snapshot_at, account_id, campaign_id
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "customer": {"id": "VARCHAR", "currencyCode": "VARCHAR"},
      "campaign": {"id": "VARCHAR", "name": "VARCHAR"},
      "segments": {"date": "VARCHAR"},
      "metrics": {
        "impressions": "VARCHAR", "clicks": "VARCHAR", "costMicros": "VARCHAR",
        "conversions": "VARCHAR", "conversionsValue": "VARCHAR"
      }
    }') as r,
  from raw.google_ads__campaign_days_today
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
  instant(_slice) as snapshot_at,
  'google_ads' as source,
  r.customer.id as account_id,
  r.campaign.id as campaign_id,
  r.campaign.name as campaign_name,
  currency,
  coalesce(micros_to_minor(r.metrics.costMicros, currency), 0) as spend_so_far_cents,
  coalesce(cast(r.metrics.impressions as bigint), 0) as impressions,
  coalesce(cast(r.metrics.clicks as bigint), 0) as clicks,
  coalesce(cast(r.metrics.conversions as double), 0) as conversions,
  coalesce(minor_units(r.metrics.conversionsValue, currency), 0) as conversion_value_cents,
from priced
