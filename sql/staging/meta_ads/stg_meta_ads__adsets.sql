-- One row per ad set that is not deleted, as it is now. Budgets are minor units; null when they are set on the campaign.
-- grain: adset_id
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "id": "VARCHAR", "account_id": "VARCHAR", "campaign_id": "VARCHAR", "name": "VARCHAR", "optimization_goal": "VARCHAR",
      "effective_status": "VARCHAR", "daily_budget": "VARCHAR", "lifetime_budget": "VARCHAR",
      "created_time": "VARCHAR", "updated_time": "VARCHAR"
    }') as s,
  from raw.meta_ads__adsets
)

select
  _key,
  _slice,
  s.account_id,
  s.campaign_id,
  s.id as adset_id,
  s.name as adset_name,
  s.optimization_goal,
  s.effective_status,
  cast(s.daily_budget as bigint) as daily_budget_minor,
  cast(s.lifetime_budget as bigint) as lifetime_budget_minor,
  instant(replace(s.created_time, 'T', ' ')) as created_at,
  instant(replace(s.updated_time, 'T', ' ')) as updated_at,
from parsed
