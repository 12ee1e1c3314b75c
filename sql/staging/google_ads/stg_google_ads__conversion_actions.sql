-- One row per conversion action of an account, as it is now, with the days after a click in which it still counts.
-- grain: account_id, conversion_action_id
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "customer": {"id": "VARCHAR"},
      "conversionAction": {
        "id": "VARCHAR", "name": "VARCHAR", "category": "VARCHAR", "type": "VARCHAR", "status": "VARCHAR", "primaryForGoal": "BOOLEAN",
        "clickThroughLookbackWindowDays": "VARCHAR", "viewThroughLookbackWindowDays": "VARCHAR",
        "attributionModelSettings": {"attributionModel": "VARCHAR"}
      }
    }') as r,
  from raw.google_ads__conversion_actions
)

select
  _key,
  _slice,
  r.customer.id as account_id,
  r.conversionAction.id as conversion_action_id,
  r.conversionAction.name as conversion_action_name,
  r.conversionAction.category as category,
  r.conversionAction.type as action_type,
  r.conversionAction.status as action_status,
  r.conversionAction.primaryForGoal as is_primary,
  cast(r.conversionAction.clickThroughLookbackWindowDays as integer) as click_window_days,
  cast(r.conversionAction.viewThroughLookbackWindowDays as integer) as view_window_days,
  r.conversionAction.attributionModelSettings.attributionModel as attribution_model,
from parsed
