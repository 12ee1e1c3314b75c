-- One row per click on an ad of Google, with the campaign, the ad group and the ad of its click id; Performance Max tells the campaign alone.
-- Days are the account's own.
-- grain: account_id, gclid, click_date
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "segments": {"date": "VARCHAR"},
      "customer": {"id": "VARCHAR"},
      "campaign": {"id": "VARCHAR"},
      "adGroup": {"id": "VARCHAR"},
      "clickView": {"gclid": "VARCHAR", "adGroupAd": "VARCHAR"}
    }') as r,
  from raw.google_ads__click_views
)

select
  _key,
  _slice,
  cast(r.segments.date as date) as click_date,
  r.customer.id as account_id,
  r.clickView.gclid as gclid,
  r.campaign.id as campaign_id,
  r.adGroup.id as ad_group_id,
  -- customers/1/adGroupAds/111~11101
  nullif(regexp_extract(r.clickView.adGroupAd, '~(\d+)$', 1), '') as ad_id,
from parsed
