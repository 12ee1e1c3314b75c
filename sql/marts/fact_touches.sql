-- What led to each counted order: its touches within the look-back window, with the ad that each came from (D-47, D-49).
-- One row per order and touch; an order of which nobody saw a visit has one row without a touch, `touch_id` '(none)'.
-- The platform's own word about a click (`match_kind` click, D-55) goes before what the link says.
-- confidence: high (a campaign of an ad account, or named by the pixel), medium (a click id, or a campaign named by the order alone),
-- low (source or referrer only), none (a visit from nowhere, or no visit).
-- grain: order_id, touch_id
-- version: 2
-- may be empty
-- check: reference channel_id -> dim_channel
-- check: reference campaign_key -> dim_campaign
-- check: reference order_date -> dim_date.date_day
with

used as (
  select
    channel_id,
    entity_level,
    label,
    case when decision = 'accepted' then 'accepted' else match_kind end as match_kind,
    entity_key,
    campaign_key,
    adset_key,
  from fact_campaign_matches
  where is_used
),

linked as (
  select
    j.order_id,
    j.touch_id,
    j.source,
    j.touched_at,
    j.channel_id,
    j.attribution_rule,
    j.seen_by,
    j.touch_position,
    j.touch_count,
    j.channel_touch_count,
    t.utm_source,
    t.utm_campaign,
    coalesce(click.campaign_key, ad.campaign_key, adset.campaign_key, ref.campaign_key, named.campaign_key) as campaign_key,
    case when click.touch_id is not null then click.adset_key else coalesce(ad.adset_key, adset.entity_key) end as adset_key,
    case when click.touch_id is not null then click.ad_key else ad.entity_key end as ad_key,
    case
      when click.touch_id is not null then 'click'
      else coalesce(ad.match_kind, adset.match_kind, ref.match_kind, named.match_kind)
    end as match_kind,
  from int_journeys__touched as j
  left join int_touches__attributed as t on t.touch_id = j.touch_id
  left join int_touches__clicked as click on click.touch_id = j.touch_id
  left join used as ref
    on ref.channel_id = t.channel_id
    and ref.label = t.campaign_ref
    and ref.entity_level = 'campaign'
  left join used as named
    on named.channel_id = t.channel_id
    and named.label = t.utm_campaign
    and named.entity_level = 'campaign'
  left join used as adset
    on adset.channel_id = t.channel_id
    and adset.label = t.utm_term
    and adset.entity_level = 'ad_set'
  left join used as ad
    on ad.channel_id = t.channel_id
    and ad.label = t.utm_content
    and ad.entity_level = 'ad'
)

select
  o.order_id,
  coalesce(l.touch_id, '(none)') as touch_id,
  coalesce(l.touch_position, 1) as touch_position,
  coalesce(l.touch_count, 0) as touch_count,
  coalesce(l.channel_touch_count, 0) as channel_touch_count,
  l.source as touch_source,
  l.seen_by,
  l.touched_at,
  o.order_at,
  o.order_date,
  l.channel_id,
  l.attribution_rule,
  l.campaign_key,
  l.adset_key,
  l.ad_key,
  coalesce(l.match_kind, 'none') as match_kind,
  case
    when l.touch_id is null or l.channel_id = 'direct' then 'none'
    when l.campaign_key is not null and l.match_kind <> 'fuzzy' then 'high'
    when l.attribution_rule in ('click_id gclid', 'click_id gbraid', 'click_id wbraid') then 'medium'
    when l.utm_campaign is not null and l.utm_source is not null and l.source = 'pixel' then 'high'
    when l.utm_campaign is not null and l.utm_source is not null then 'medium'
    when l.attribution_rule like 'click_id %' then 'medium'
    else 'low'
  end as confidence,
  p.path,
  o.net_cents,
  o.currency,
  o.is_reporting_currency,
  o.is_new_customer,
from fact_orders as o
left join linked as l on l.order_id = o.order_id
left join int_journeys__pathed as p on p.order_id = o.order_id
where o.is_counted
order by o.order_date, o.order_id, touch_position
