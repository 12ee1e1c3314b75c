-- What the ad platforms' lists say that accounts, campaigns, ad sets and ads are set to now: name, status, budgets (D-54).
-- One row per entity and setting that has a value. A budget may stand on a campaign or on its ad sets; several may share one.
-- grain: source, account_id, entity_level, entity_id, setting
-- may be empty
with

accounts as (
  select
    account_id,
    max_by(account_name, seen_at) as account_name,
    max_by(currency, seen_at) as currency,
    max_by(account_status, seen_at) as account_status,
  from stg_meta_ads__accounts
  group by account_id
),

entities as (
  select 'meta_ads' as source, account_id, 'account' as entity_level, account_id as entity_id, account_name as entity_name,
    cast(null as varchar) as campaign_id, cast(null as varchar) as adset_id, cast(account_status as varchar) as status,
    cast(null as bigint) as daily_cents, cast(null as bigint) as lifetime_cents, false as is_shared, currency,
  from accounts

  union all

  select 'meta_ads', account_id, 'campaign', campaign_id, campaign_name, campaign_id, null, effective_status,
    daily_budget_minor, lifetime_budget_minor, false, accounts.currency,
  from stg_meta_ads__campaigns
  left join accounts using (account_id)

  union all

  select 'meta_ads', account_id, 'ad_set', adset_id, adset_name, campaign_id, adset_id, effective_status,
    daily_budget_minor, lifetime_budget_minor, false, accounts.currency,
  from stg_meta_ads__adsets
  left join accounts using (account_id)

  union all

  select 'meta_ads', account_id, 'ad', ad_id, ad_name, campaign_id, adset_id, effective_status, null, null, false, accounts.currency,
  from stg_meta_ads__ads
  left join accounts using (account_id)

  union all

  select 'google_ads', account_id, 'account', account_id, account_name, null, null, account_status, null, null, false, currency,
  from stg_google_ads__customers

  union all

  select 'google_ads', account_id, 'campaign', campaign_id, campaign_name, campaign_id, null, campaign_status,
    budget_minor, lifetime_budget_minor, coalesce(is_budget_shared, false), currency,
  from stg_google_ads__campaigns

  union all

  select 'google_ads', account_id, 'ad_set', ad_group_id, ad_group_name, campaign_id, ad_group_id, ad_group_status,
    null, null, false, null,
  from stg_google_ads__ad_groups

  union all

  -- An ad may stand in several ad groups; it is told by its id alone, here as in the figures.
  select 'google_ads', account_id, 'ad', ad_id, max_by(ad_name, ad_group_id), max_by(campaign_id, ad_group_id), max(ad_group_id),
    max_by(ad_status, ad_group_id), null, null, false, null,
  from stg_google_ads__ads
  group by account_id, ad_id
),

unfolded as (
  select
    source,
    account_id,
    entity_level,
    entity_id,
    entity_name,
    campaign_id,
    adset_id,
    is_shared,
    currency,
    unnest([
      {'setting': 'name', 'value': entity_name, 'cents': cast(null as bigint)},
      {'setting': 'status', 'value': ad_status(status), 'cents': null},
      {'setting': 'daily_budget', 'value': null, 'cents': daily_cents},
      {'setting': 'lifetime_budget', 'value': null, 'cents': lifetime_cents},
    ]) as told,
  from entities
)

select
  source,
  account_id,
  entity_level,
  entity_id,
  entity_name,
  campaign_id,
  adset_id,
  told.setting as setting,
  told.value as value,
  told.cents as amount_cents,
  is_shared and told.cents is not null as is_shared,
  currency,
from unfolded
where coalesce(told.value, cast(told.cents as varchar)) is not null
