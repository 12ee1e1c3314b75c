-- Settings of ad entities that were otherwise when they were read again (D-54). One row per entity, setting and change.
-- grain: change_id
-- may be empty
with

accounts as (
  select
    source,
    account_id,
    max_by(currency, seen_at) as currency,
  from stg_ad_accounts
  group by source, account_id
)

select
  c._key as change_id,
  c.source,
  c.account_id,
  c.entity_level,
  c.entity_id,
  c.entity_name,
  c.setting,
  c.change,
  c.value_before,
  c.value_after,
  c.before_cents,
  c.after_cents,
  coalesce(c.currency, a.currency) as currency,
  c.seen_at,
from stg_growthos__entity_changes as c
left join accounts as a
  on a.source = c.source
  and a.account_id = c.account_id
-- A campaign that is paused pauses its ads: the platform's word changes, the status does not.
where c.value_before is distinct from c.value_after
  or c.before_cents is distinct from c.after_cents
