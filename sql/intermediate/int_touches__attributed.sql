-- Touches with their channel: the first channel rule that their evidence meets (D-09). Traces of one landing are one touch: pages of
-- the pixel that name the same visitor and the same landing; without a landing each page is its own (D-47). One row per touch.
-- grain: touch_id
with

pages as (
  select
    touch_id,
    row_number() over (
      partition by visitor_id, case when has_landing then touched_at end, case when not has_landing then touch_id end
      order by touched_at, touch_id
    ) as earliest_first,
  from stg_touches
  where source = 'pixel'
),

matched as (
  select
    e.touch_id,
    min(r.priority) as priority,
  from stg_touch_evidence as e
  inner join seeds.channel_rules as r
    on r.kind = e.kind
    and r.value = e.value
    and (r.qualifier is null or r.qualifier = e.qualifier)
  group by e.touch_id
),

ruled as (
  select
    m.touch_id,
    r.channel_id,
    r.kind || ' ' || r.value || coalesce(' ' || r.qualifier, '') as attribution_rule,
  from matched as m
  inner join seeds.channel_rules as r on r.priority = m.priority

  union all

  -- The order's last visit is what the order was judged by.
  select
    t.touch_id,
    a.channel_id,
    a.attribution_rule,
  from stg_touches as t
  inner join int_orders__attributed as a on a.order_id = t.order_id
  where t.source = 'order'
)

select
  t.touch_id,
  t.source,
  t.touched_at,
  t.visitor_id,
  t.order_id,
  r.channel_id,
  r.attribution_rule,
  t.utm_source,
  t.utm_campaign,
  t.utm_content,
  t.utm_term,
  t.campaign_ref,
from stg_touches as t
inner join ruled as r on r.touch_id = t.touch_id
where t.touch_id not in (select touch_id from pages where earliest_first > 1)
