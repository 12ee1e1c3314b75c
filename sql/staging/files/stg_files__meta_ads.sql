-- One row per row of a Meta Ads Manager export, by day, at the level of the file. Purchases only: other results are no conversions (D-14).
select
  _key,
  _slice,
  cast(r.spend_date as date) as spend_date,
  'meta_ads' as source,
  coalesce(clean_text(r.account_id), clean_text(r.account_name)) as account_id,
  clean_text(r.campaign_id) as campaign_id,
  r.campaign_name,
  clean_text(r.adset_id) as adset_id,
  r.adset_name,
  clean_text(r.ad_id) as ad_id,
  r.ad_name,
  r.currency,
  coalesce(minor_units(r.spend, r.currency), 0) as spend_cents,
  coalesce(r.impressions, 0) as impressions,
  coalesce(r.clicks, r.link_clicks, 0) as clicks,
  coalesce(r.purchases, case when contains(r.result_indicator, 'purchase') then r.results end, 0)::double as conversions,
  coalesce(minor_units(r.purchase_value, r.currency), 0) as conversion_value_cents,
from (
  select
    _key,
    _slice,
    from_json(payload, '{
      "spend_date": "VARCHAR", "account_id": "VARCHAR", "account_name": "VARCHAR", "campaign_id": "VARCHAR", "campaign_name": "VARCHAR",
      "adset_id": "VARCHAR", "adset_name": "VARCHAR", "ad_id": "VARCHAR", "ad_name": "VARCHAR", "currency": "VARCHAR",
      "spend": "VARCHAR", "impressions": "BIGINT", "clicks": "BIGINT", "link_clicks": "BIGINT", "purchases": "DOUBLE",
      "results": "DOUBLE", "result_indicator": "VARCHAR", "purchase_value": "VARCHAR"
    }') as r,
  from raw.files__meta_ads
)
