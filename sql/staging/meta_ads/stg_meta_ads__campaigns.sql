-- One row per campaign that is not deleted, as it is now. Budgets are minor units already, unlike spend of insights; null when they are
-- set on the ad sets.
-- grain: campaign_id
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "id": "VARCHAR", "account_id": "VARCHAR", "name": "VARCHAR", "objective": "VARCHAR", "effective_status": "VARCHAR",
      "daily_budget": "VARCHAR", "lifetime_budget": "VARCHAR", "created_time": "VARCHAR", "updated_time": "VARCHAR"
    }') as c,
  from raw.meta_ads__campaigns
)

select
  _key,
  _slice,
  c.account_id,
  c.id as campaign_id,
  c.name as campaign_name,
  c.objective,
  c.effective_status,
  cast(c.daily_budget as bigint) as daily_budget_minor,
  cast(c.lifetime_budget as bigint) as lifetime_budget_minor,
  instant(replace(c.created_time, 'T', ' ')) as created_at,
  instant(replace(c.updated_time, 'T', ' ')) as updated_at,
from parsed
