-- One row per snapshot, customer account, campaign and account-local day of Google Ads: what the day under way had come to by then.
-- grain: snapshot_at, spend_date, account_id, campaign_id
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "customer": {"id": "VARCHAR", "currencyCode": "VARCHAR"},
      "campaign": {"id": "VARCHAR", "name": "VARCHAR"},
      "segments": {"date": "VARCHAR"},
      "metrics": {"impressions": "VARCHAR", "clicks": "VARCHAR", "costMicros": "VARCHAR"}
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
  instant(_slice) as snapshot_at,
  cast(r.segments.date as date) as spend_date,
  'google_ads' as source,
  r.customer.id as account_id,
  r.campaign.id as campaign_id,
  r.campaign.name as campaign_name,
  currency,
  coalesce(micros_to_minor(r.metrics.costMicros, currency), 0) as spend_so_far_cents,
  coalesce(cast(r.metrics.impressions as bigint), 0) as impressions_so_far,
  coalesce(cast(r.metrics.clicks as bigint), 0) as clicks_so_far,
from priced
