-- What ad accounts, campaigns, ad sets and ads were set to, and between which looks at the platform that was so (D-54).
-- One row per entity, setting (name, status, daily_budget, lifetime_budget) and value. `valid_from` is when it was first seen so, null:
-- it was so when the platform was first read; `valid_to` is when it was first seen otherwise, null: it is so now.
-- change: unchanged (as it was first read), changed, added (a new entity), gone (an entity that is not listed any more).
-- grain: history_id
-- version: 1
-- may be empty
with

numbered as (
  select
    *,
    row_number() over (
      partition by source, account_id, entity_level, entity_id, setting order by seen_at, change_id
    ) as change_number,
    lead(seen_at) over (
      partition by source, account_id, entity_level, entity_id, setting order by seen_at, change_id
    ) as next_at,
  from stg_ad_setting_changes
),

periods as (
  select
    change_id as history_id,
    source, account_id, entity_level, entity_id, entity_name, setting, change,
    value_before, value_after as value, before_cents, after_cents as amount_cents, currency,
    seen_at as valid_from,
    next_at as valid_to,
  from numbered

  union all

  -- What was so before the first change that was seen.
  select
    'before:' || change_id as history_id,
    source, account_id, entity_level, entity_id, entity_name, setting, 'unchanged' as change,
    null as value_before, value_before as value, null as before_cents, before_cents as amount_cents, currency,
    null as valid_from,
    seen_at as valid_to,
  from numbered
  where change_number = 1
    and change <> 'added'
    and (value_before is not null or before_cents is not null)

  union all

  -- What never changed.
  select
    'now:' || s.entity_level || '|' || s.source || '|' || s.account_id || '|' || s.entity_id || '|' || s.setting as history_id,
    s.source, s.account_id, s.entity_level, s.entity_id, s.entity_name, s.setting, 'unchanged' as change,
    null as value_before, s.value, null as before_cents, s.amount_cents, s.currency,
    null as valid_from,
    null as valid_to,
  from stg_ad_settings as s
  where not exists (
    select 1
    from numbered as n
    where n.source = s.source
      and n.account_id = s.account_id
      and n.entity_level = s.entity_level
      and n.entity_id = s.entity_id
      and n.setting = s.setting
  )
),

-- An entity as its list has it now; one that is gone has no campaign any more.
places as (
  select
    source, account_id, entity_level, entity_id,
    max(entity_name) as entity_name,
    max(campaign_id) as campaign_id,
    max(adset_id) as adset_id,
    max(case when is_shared then 1 else 0 end) = 1 as is_shared,
  from stg_ad_settings
  group by source, account_id, entity_level, entity_id
)

select
  p.history_id,
  p.source,
  p.account_id,
  p.entity_level,
  case
    when p.entity_level = 'account' then p.account_id
    else campaign_key_of(p.source, p.account_id, p.entity_id, null)
  end as entity_key,
  coalesce(l.entity_name, p.entity_name) as entity_name,
  case
    when p.entity_level = 'campaign' then campaign_key_of(p.source, p.account_id, p.entity_id, null)
    when l.campaign_id is not null then campaign_key_of(p.source, p.account_id, l.campaign_id, null)
  end as campaign_key,
  case when l.adset_id is not null then campaign_key_of(p.source, p.account_id, l.adset_id, null) end as adset_key,
  p.setting,
  p.change,
  p.value_before,
  p.value,
  p.before_cents,
  p.amount_cents,
  p.currency,
  case when p.setting in ('daily_budget', 'lifetime_budget') then coalesce(l.is_shared, false) end as is_shared_budget,
  p.valid_from,
  day_in_zone(p.valid_from) as valid_from_date,
  p.valid_to,
  p.valid_to is null as is_current,
from periods as p
left join places as l
  on l.source = p.source
  and l.account_id = p.account_id
  and l.entity_level = p.entity_level
  and l.entity_id = p.entity_id
order by p.source, p.account_id, p.entity_level, p.entity_id, p.setting, p.valid_from, p.history_id
