-- One row per ad that is not deleted, as it is now, with the parameters that its links carry.
-- grain: ad_id
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "id": "VARCHAR", "account_id": "VARCHAR", "campaign_id": "VARCHAR", "adset_id": "VARCHAR", "name": "VARCHAR",
      "effective_status": "VARCHAR", "creative": {"id": "VARCHAR", "url_tags": "VARCHAR"},
      "created_time": "VARCHAR", "updated_time": "VARCHAR"
    }') as a,
  from raw.meta_ads__ads
)

select
  _key,
  _slice,
  a.account_id,
  a.campaign_id,
  a.adset_id,
  a.id as ad_id,
  a.name as ad_name,
  a.effective_status,
  a.creative.id as creative_id,
  clean_text(a.creative.url_tags) as url_tags,
  instant(replace(a.created_time, 'T', ' ')) as created_at,
  instant(replace(a.updated_time, 'T', ' ')) as updated_at,
from parsed
