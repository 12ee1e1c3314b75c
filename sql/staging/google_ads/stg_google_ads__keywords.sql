-- One row per keyword of an ad group, as it is now: the same words stand in many ad groups, and one criterion id does too.
-- grain: account_id, ad_group_id, criterion_id
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "customer": {"id": "VARCHAR"},
      "campaign": {"id": "VARCHAR"},
      "adGroup": {"id": "VARCHAR"},
      "adGroupCriterion": {
        "criterionId": "VARCHAR", "status": "VARCHAR", "negative": "BOOLEAN", "keyword": {"text": "VARCHAR", "matchType": "VARCHAR"},
        "qualityInfo": {"qualityScore": "INTEGER"}
      }
    }') as r,
  from raw.google_ads__keywords
)

select
  _key,
  _slice,
  r.customer.id as account_id,
  r.campaign.id as campaign_id,
  r.adGroup.id as ad_group_id,
  r.adGroupCriterion.criterionId as criterion_id,
  r.adGroupCriterion.keyword.text as keyword_text,
  r.adGroupCriterion.keyword.matchType as match_type,
  r.adGroupCriterion.status as keyword_status,
  r.adGroupCriterion.negative as is_negative,
  r.adGroupCriterion.qualityInfo.qualityScore as quality_score,
from parsed
