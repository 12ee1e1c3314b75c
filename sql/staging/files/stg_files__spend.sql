-- One row per row of a declared spend file. A platform that growthos knows gets its id, every other its own name in lower case.
select
  _key,
  _slice,
  cast(r.spend_date as date) as spend_date,
  case
    when lower(r.platform) in ('meta', 'meta ads', 'facebook', 'facebook ads', 'instagram') then 'meta_ads'
    when lower(r.platform) in ('google', 'google ads', 'adwords') then 'google_ads'
    else coalesce(lower(clean_text(r.platform)), 'files')
  end as source,
  clean_text(r.account_id) as account_id,
  clean_text(r.campaign_id) as campaign_id,
  coalesce(r.campaign_name, r.campaign_id) as campaign_name,
  clean_text(r.adset_id) as adset_id,
  r.adset_name,
  clean_text(r.ad_id) as ad_id,
  r.ad_name,
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
      "spend_date": "VARCHAR", "platform": "VARCHAR", "account_id": "VARCHAR", "campaign_id": "VARCHAR", "campaign_name": "VARCHAR",
      "adset_id": "VARCHAR", "adset_name": "VARCHAR", "ad_id": "VARCHAR", "ad_name": "VARCHAR", "currency": "VARCHAR",
      "spend": "VARCHAR", "impressions": "BIGINT", "clicks": "BIGINT", "conversions": "DOUBLE", "conversion_value": "VARCHAR"
    }') as r,
  from raw.files__spend
)
