-- The course of ad spend over a day: what each campaign had spent at each snapshot, and how much of it since the one before.
-- What was added may be summed; what it came to may not. After a day only the newest snapshot of each hour is kept: sums by hour_at stay
-- as they were, because an hour is one of UTC. local_time is the shop's clock. Amounts as in fact_spend (D-20).
-- One row per day, campaign, currency of the account and snapshot; the first one of a day holds everything before it.
-- grain: spend_date, campaign_key, original_currency, snapshot_at
-- version: 1
with

seen as (
  select
    snapshot_at,
    spend_date,
    source,
    account_id,
    campaign_key_of(source, account_id, campaign_id, campaign_name) as campaign_key,
    max(campaign_name) as campaign_name,
    currency,
    total(spend_so_far_cents) as spend_so_far_cents,
    total(impressions_so_far) as impressions_so_far,
    total(clicks_so_far) as clicks_so_far,
  from stg_spend_today
  group by
    snapshot_at, spend_date, source, account_id, campaign_key_of(source, account_id, campaign_id, campaign_name), currency
),

priced as (
  select
    s.snapshot_at,
    s.spend_date,
    s.source,
    s.account_id,
    s.campaign_key,
    s.campaign_name,
    case when f.fx_date is null then s.currency else cast(getvariable('currency') as varchar) end as currency,
    s.currency = getvariable('currency') or f.fx_date is not null as is_reporting_currency,
    s.currency as original_currency,
    converted(s.spend_so_far_cents, f.rate_over, f.rate_under) as spend_so_far_cents,
    s.impressions_so_far,
    s.clicks_so_far,
  from seen as s
  left join int_fx__daily as f
    on f.currency = s.currency
    and f.day = s.spend_date
),

-- The maximum of one row is the row before.
compared as (
  select
    *,
    max(spend_so_far_cents) over before_it as spend_before,
    max(impressions_so_far) over before_it as impressions_before,
    max(clicks_so_far) over before_it as clicks_before,
  from priced
  window before_it as (
    partition by spend_date, campaign_key, original_currency
    order by snapshot_at
    rows between 1 preceding and 1 preceding
  )
)

select
  spend_date,
  source,
  account_id,
  campaign_key,
  campaign_name,
  currency,
  is_reporting_currency,
  original_currency,
  snapshot_at,
  date_trunc('hour', snapshot_at) as hour_at,
  time_in_zone(snapshot_at) as local_time,
  spend_so_far_cents,
  spend_so_far_cents - coalesce(spend_before, 0) as spend_added_cents,
  impressions_so_far,
  impressions_so_far - coalesce(impressions_before, 0) as impressions_added,
  clicks_so_far,
  clicks_so_far - coalesce(clicks_before, 0) as clicks_added,
  coalesce(spend_so_far_cents < spend_before, false) as is_restated,
from compared
order by spend_date, campaign_key, original_currency, snapshot_at
