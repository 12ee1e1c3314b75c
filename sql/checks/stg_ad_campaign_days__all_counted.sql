-- Spend of a day is that of all its campaigns, those without ads (Performance Max) included.
-- severity: critical
with

counted as (
  select
    source,
    account_id,
    spend_date,
    sum(spend_cents) as counted_cents,
  from stg_spend
  group by source, account_id, spend_date
),

campaigns as (
  select
    source,
    account_id,
    spend_date,
    sum(spend_cents) as campaign_cents,
    sum(case when channel_type = 'PERFORMANCE_MAX' then spend_cents else 0 end) as performance_max_cents,
  from stg_ad_campaign_days
  group by source, account_id, spend_date
)

select
  c.source,
  c.account_id,
  c.spend_date,
  c.campaign_cents,
  c.performance_max_cents,
  coalesce(s.counted_cents, 0) as counted_cents,
from campaigns as c
left join counted as s
  on s.source = c.source
  and s.account_id = c.account_id
  and s.spend_date = c.spend_date
where c.campaign_cents <> coalesce(s.counted_cents, 0)
