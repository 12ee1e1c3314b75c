-- Campaigns, ad sets and ads under one roof, with what a link may call them: id and newest name. One row per entity of an ad account.
-- grain: entity_level, entity_key
with

spent as (
  select
    adset_key,
    adset_name,
    ad_key,
    ad_name,
    campaign_key,
    row_number() over (partition by adset_key order by spend_date desc, adset_name, campaign_key, ad_key) as newest_of_set,
    row_number() over (partition by ad_key order by spend_date desc, ad_name, campaign_key, adset_key) as newest_of_ad,
  from int_ad_spend__keyed
),

named as (
  select
    'campaign' as entity_level,
    campaign_key as entity_key,
    campaign_name as entity_name,
    campaign_key,
    cast(null as varchar) as adset_key,
    cast(null as varchar) as ad_key,
  from int_campaigns__named

  union all

  select 'ad_set' as entity_level, adset_key as entity_key, adset_name as entity_name, campaign_key, adset_key, null as ad_key
  from spent
  where newest_of_set = 1
    and adset_key is not null

  union all

  select 'ad' as entity_level, ad_key as entity_key, ad_name as entity_name, campaign_key, adset_key, ad_key
  from spent
  where newest_of_ad = 1
    and ad_key is not null
)

select
  n.entity_level,
  n.entity_key,
  -- A key ends with the id, or with the name where there is none.
  key_tail(n.entity_key) as entity_ref,
  n.entity_name,
  c.channel_id,
  n.campaign_key,
  n.adset_key,
  n.ad_key,
from named as n
inner join int_campaigns__named as c on c.campaign_key = n.campaign_key
