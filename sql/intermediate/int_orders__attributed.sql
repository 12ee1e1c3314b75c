-- Channel and campaign of each order: the first channel rule that the order's evidence meets (D-09).
-- A campaign is linked when the UTM campaign is exactly its name or id within the same channel.
-- grain: order_id
with

first_match as (
  select
    e.order_id,
    min(r.priority) as priority,
  from stg_order_evidence as e
  inner join seeds.channel_rules as r
    on r.kind = e.kind
    and r.value = e.value
    and (r.qualifier is null or r.qualifier = e.qualifier)
  group by e.order_id
),

campaign_words as (
  select channel_id, campaign_name as word, campaign_key
  from int_campaigns__named

  union all

  select channel_id, campaign_id as word, campaign_key
  from int_campaigns__named
),

campaigns as (
  select
    channel_id,
    word,
    min(campaign_key) as campaign_key,
  from campaign_words
  where word is not null
  group by channel_id, word
)

select
  o.order_id,
  r.channel_id,
  r.kind || ' ' || r.value || coalesce(' ' || r.qualifier, '') as attribution_rule,
  c.campaign_key,
from stg_orders as o
inner join first_match as f on f.order_id = o.order_id
inner join seeds.channel_rules as r on r.priority = f.priority
left join campaigns as c
  on c.channel_id = r.channel_id
  and c.word = o.utm_campaign
