-- What led to an order: its touches within the look-back window, in order of time (D-47). One row per order and touch; an order of
-- which nobody saw a visit has none. Direct visits count only where there is nothing else, and then once.
-- grain: order_id, touch_id
with

limits as (
  select
    order_id,
    processed_at,
    instant_before(processed_at, getvariable('attribution_window_days')) as since_at,
  from stg_orders
),

on_site as (
  select
    s.order_id,
    t.touch_id,
    t.source,
    t.touched_at,
    t.channel_id,
    t.attribution_rule,
    s.seen_by,
  from int_orders__seen as s
  inner join limits as l on l.order_id = s.order_id
  inner join int_touches__attributed as t
    on t.visitor_id = s.visitor_id
    and t.touched_at <= l.processed_at
    and t.touched_at >= l.since_at
),

-- The shop's own word adds the channels that the pixel did not see.
told as (
  select
    t.order_id,
    t.touch_id,
    t.source,
    t.touched_at,
    t.channel_id,
    t.attribution_rule,
    'order' as seen_by,
  from int_touches__attributed as t
  inner join limits as l
    on l.order_id = t.order_id
    and t.touched_at <= l.processed_at
    and t.touched_at >= l.since_at
  where t.source <> 'ga4'
    and not exists (
      select 1
      from on_site as p
      where p.order_id = t.order_id
        and p.channel_id = t.channel_id
    )
),

-- Web analytics see less than the pixel and the shop: their word counts where nobody else names a source.
analysed as (
  select
    t.order_id,
    t.touch_id,
    t.source,
    t.touched_at,
    t.channel_id,
    t.attribution_rule,
    'analytics' as seen_by,
  from int_touches__attributed as t
  where t.source = 'ga4'
    and t.order_id not in (select order_id from on_site where channel_id <> 'direct')
    and t.order_id not in (select order_id from told where channel_id <> 'direct')
),

-- Somebody was on the site, or the sale was made without it: from nowhere that is known.
unsourced as (
  select
    l.order_id,
    'visit:' || l.order_id as touch_id,
    'visit' as source,
    l.processed_at as touched_at,
    'direct' as channel_id,
    case when a.attribution_rule like 'source_name %' then a.attribution_rule else 'none (any)' end as attribution_rule,
    'visit' as seen_by,
  from limits as l
  inner join int_orders__attributed as a on a.order_id = l.order_id
  where a.attribution_rule like 'source_name %'
    or l.order_id in (select order_id from int_orders__seen)
),

together as (
  select * from on_site
  union all
  select * from told
  union all
  select * from analysed
  union all
  select * from unsourced
),

ranked as (
  select
    *,
    channel_id = 'direct' as is_direct,
    max(case when channel_id = 'direct' then 0 else 1 end) over (partition by order_id) = 1 as has_source,
    row_number() over (partition by order_id, channel_id order by touched_at desc, touch_id) as newest_first,
  from together
),

kept as (
  select
    order_id,
    touch_id,
    source,
    touched_at,
    channel_id,
    attribution_rule,
    seen_by,
    row_number() over (partition by order_id order by touched_at, touch_id) as touch_position,
    count(*) over (partition by order_id) as touch_count,
    count(*) over (partition by order_id, channel_id) as channel_touch_count,
  from ranked
  where (not is_direct and has_source)
    or (is_direct and not has_source and newest_first = 1)
)

select
  order_id,
  touch_id,
  source,
  touched_at,
  channel_id,
  attribution_rule,
  seen_by,
  touch_position,
  touch_count,
  channel_touch_count,
from kept
