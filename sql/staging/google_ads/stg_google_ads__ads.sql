-- One row per ad of an ad group, as it is now, removed ones included, with the first address that it leads to and what is added to it.
-- grain: account_id, ad_group_id, ad_id
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "customer": {"id": "VARCHAR"},
      "campaign": {"id": "VARCHAR"},
      "adGroup": {"id": "VARCHAR"},
      "adGroupAd": {
        "status": "VARCHAR",
        "ad": {
          "id": "VARCHAR", "name": "VARCHAR", "type": "VARCHAR", "finalUrls": ["VARCHAR"], "trackingUrlTemplate": "VARCHAR",
          "finalUrlSuffix": "VARCHAR", "responsiveSearchAd": {"headlines": [{"text": "VARCHAR"}]}
        },
        "policySummary": {"approvalStatus": "VARCHAR"}
      }
    }') as r,
  from raw.google_ads__ads
)

select
  _key,
  _slice,
  r.customer.id as account_id,
  r.campaign.id as campaign_id,
  r.adGroup.id as ad_group_id,
  r.adGroupAd.ad.id as ad_id,
  -- Most ads have no name of their own.
  coalesce(clean_text(r.adGroupAd.ad.name), r.adGroupAd.ad.responsiveSearchAd.headlines[1].text) as ad_name,
  r.adGroupAd.ad.type as ad_type,
  r.adGroupAd.status as ad_status,
  r.adGroupAd.policySummary.approvalStatus as approval_status,
  r.adGroupAd.ad.finalUrls[1] as final_url,
  r.adGroupAd.ad.trackingUrlTemplate as tracking_url_template,
  r.adGroupAd.ad.finalUrlSuffix as final_url_suffix,
from parsed
