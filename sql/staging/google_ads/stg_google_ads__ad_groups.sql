-- One row per ad group of Google Ads, as it is now, removed ones included. Performance Max has none.
-- grain: account_id, ad_group_id
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "customer": {"id": "VARCHAR", "currencyCode": "VARCHAR"},
      "campaign": {"id": "VARCHAR"},
      "adGroup": {"id": "VARCHAR", "name": "VARCHAR", "status": "VARCHAR", "type": "VARCHAR", "cpcBidMicros": "VARCHAR"}
    }') as r,
  from raw.google_ads__ad_groups
)

select
  _key,
  _slice,
  r.customer.id as account_id,
  r.campaign.id as campaign_id,
  r.adGroup.id as ad_group_id,
  r.adGroup.name as ad_group_name,
  r.adGroup.status as ad_group_status,
  r.adGroup.type as ad_group_type,
  micros_to_minor(r.adGroup.cpcBidMicros, coalesce(r.customer.currencyCode, getvariable('currency'))) as bid_minor,
from parsed
