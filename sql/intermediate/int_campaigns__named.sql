-- Campaigns under their newest name (the platform's own list before that of their last day), with their channel. One row per campaign of an ad account.
-- grain: campaign_key
with

ranked as (
  select
    campaign_key_of(source, account_id, campaign_id, campaign_name) as campaign_key,
    source,
    account_id,
    campaign_id,
    campaign_name,
    spend_date,
    row_number() over (
      partition by campaign_key_of(source, account_id, campaign_id, campaign_name)
      order by spend_date desc, campaign_name, adset_id, ad_id, spend_cents
    ) as newest_first,
  from stg_spend
),

days as (
  select
    campaign_key,
    min(spend_date) as first_spend_date,
    max(spend_date) as last_spend_date,
  from ranked
  group by campaign_key
),

channels as (
  select
    s.source,
    min(r.priority) as priority,
  from (select distinct source from stg_spend) as s
  inner join seeds.channel_rules as r
    on r.kind = 'spend_source'
    and r.value in (lower(s.source), '(any)')
  group by s.source
)

select
  c.campaign_key,
  c.source,
  c.account_id,
  c.campaign_id,
  coalesce(listed.campaign_name, c.campaign_name) as campaign_name,
  ad_status(listed.campaign_status) as campaign_status,
  rules.channel_id,
  d.first_spend_date,
  d.last_spend_date,
from ranked as c
inner join days as d on d.campaign_key = c.campaign_key
left join stg_ad_campaigns as listed
  on listed.source = c.source
  and listed.account_id = c.account_id
  and listed.campaign_id = c.campaign_id
inner join channels on channels.source = c.source
inner join seeds.channel_rules as rules on rules.priority = channels.priority
where c.newest_first = 1
