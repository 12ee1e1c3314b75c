-- One row per row of a Google Ads report, by day, at the level of the file.
select
  _key,
  _slice,
  cast(r.spend_date as date) as spend_date,
  'google_ads' as source,
  coalesce(replace(clean_text(r.account_id), '-', ''), clean_text(r.account_name)) as account_id,
  clean_text(r.campaign_id) as campaign_id,
  r.campaign_name,
  cast(null as varchar) as adset_id,
  r.adset_name,
  cast(null as varchar) as ad_id,
  cast(null as varchar) as ad_name,
  r.currency,
  coalesce(minor_units(r.spend, r.currency), 0) as spend_cents,
  coalesce(r.impressions, 0) as impressions,
  coalesce(r.clicks, 0) as clicks,
  coalesce(r.conversions, 0) as conversions,
  coalesce(minor_units(r.conversion_value, r.currency), 0) as conversion_value_cents,
from (
  select
    _key,
    _slice,
    from_json(payload, '{
      "spend_date": "VARCHAR", "account_id": "VARCHAR", "account_name": "VARCHAR", "campaign_id": "VARCHAR", "campaign_name": "VARCHAR",
      "adset_name": "VARCHAR", "currency": "VARCHAR", "spend": "VARCHAR", "impressions": "BIGINT", "clicks": "BIGINT",
      "conversions": "DOUBLE", "conversion_value": "VARCHAR"
    }') as r,
  from raw.files__google_ads
)
