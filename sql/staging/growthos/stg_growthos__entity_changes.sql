-- Settings of ad entities that were otherwise when their list was read again (D-54). One row per entity, setting and change.
-- Amounts are minor units; Meta writes them so, Google in micros.
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "source": "VARCHAR", "stream": "VARCHAR", "key": "VARCHAR", "account": "VARCHAR", "name": "VARCHAR", "currency": "VARCHAR",
      "field": "VARCHAR", "change": "VARCHAR", "before": "VARCHAR", "after": "VARCHAR", "seen_at": "VARCHAR"
    }') as c,
  from raw.growthos__entity_changes
),

typed as (
  select
    *,
    c.field in ('daily_budget', 'lifetime_budget') as is_budget,
    coalesce(c.currency, getvariable('currency')) as currency,
    -- A history that cannot be read any more would stop every build for ever: what is no amount is unknown.
    try_cast(c.before as bigint) as number_before,
    try_cast(c.after as bigint) as number_after,
  from parsed
)

select
  _key,
  _slice,
  c.source as source,
  c.account as account_id,
  case
    when c.stream in ('accounts', 'customers') then 'account'
    when c.stream = 'campaigns' then 'campaign'
    when c.stream in ('adsets', 'ad_groups') then 'ad_set'
    else 'ad'
  end as entity_level,
  case when c.stream in ('accounts', 'customers') then c.account else key_tail(c.key) end as entity_id,
  c.name as entity_name,
  c.field as setting,
  c.change as change,
  case c.field when 'name' then c.before when 'status' then ad_status(c.before) end as value_before,
  case c.field when 'name' then c.after when 'status' then ad_status(c.after) end as value_after,
  case
    when is_budget and c.source = 'google_ads' then micros_to_minor(number_before, currency)
    when is_budget then number_before
  end as before_cents,
  case
    when is_budget and c.source = 'google_ads' then micros_to_minor(number_after, currency)
    when is_budget then number_after
  end as after_cents,
  c.currency as currency,
  instant(c.seen_at) as seen_at,
from typed
