-- One row per snapshot, ad account, campaign and account-local day of Meta insights: what the day under way had come to by then.
-- grain: snapshot_at, spend_date, account_id, campaign_id
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "account_id": "VARCHAR", "account_currency": "VARCHAR", "campaign_id": "VARCHAR", "campaign_name": "VARCHAR",
      "date_start": "VARCHAR", "spend": "VARCHAR", "impressions": "VARCHAR", "clicks": "VARCHAR"
    }') as i,
  from raw.meta_ads__insights_today
),

priced as (
  select
    _key,
    _slice,
    i,
    coalesce(i.account_currency, getvariable('currency')) as currency,
  from parsed
)

select
  _key,
  _slice,
  instant(_slice) as snapshot_at,
  cast(i.date_start as date) as spend_date,
  'meta_ads' as source,
  i.account_id,
  i.campaign_id,
  i.campaign_name,
  currency,
  coalesce(minor_units(i.spend, currency), 0) as spend_so_far_cents,
  coalesce(cast(i.impressions as bigint), 0) as impressions_so_far,
  coalesce(cast(i.clicks as bigint), 0) as clicks_so_far,
from priced
