-- The way of each journey through the channels, in orders and without one: an order's touches, and what a visitor's touches that led
-- to no order came to (D-48). Equal neighbours are one step. One row per journey; `order_id` is null for those without an order.
-- grain: journey_id
with

open_touches as (
  select
    t.touch_id,
    t.visitor_id,
    t.touched_at,
    t.channel_id,
    max(t.touched_at) over (partition by t.visitor_id) as last_at,
  from int_touches__attributed as t
  where t.visitor_id is not null
    and t.channel_id <> 'direct'
    and t.touch_id not in (select touch_id from int_journeys__touched)
),

steps as (
  select
    'order:' || j.order_id as journey_id,
    j.order_id,
    j.touch_id,
    j.touched_at,
    j.channel_id,
    j.touch_position,
  from int_journeys__touched as j
  inner join int_orders__identified as i on i.order_id = j.order_id
  where i.is_counted
    and j.touch_count > 1

  union all

  select
    'visitor:' || visitor_id as journey_id,
    null as order_id,
    touch_id,
    touched_at,
    channel_id,
    row_number() over (partition by visitor_id order by touched_at, touch_id) as touch_position,
  from open_touches
  where touched_at >= instant_before(last_at, getvariable('attribution_window_days'))
),

changes as (
  select
    journey_id,
    order_id,
    touched_at,
    channel_id,
    touch_position,
    max(touched_at) over (partition by journey_id) as last_at,
    lag(channel_id) over (partition by journey_id order by touch_position, touch_id) as channel_before,
  from steps
)

select
  journey_id,
  order_id,
  path_of(channel_id, touch_position) as path,
  count(*) as step_count,
  max(last_at) as last_at,
from changes
where channel_before is null
  or channel_before <> channel_id
group by journey_id, order_id

union all

-- Most orders have one touch: its channel is the way.
select
  'order:' || j.order_id as journey_id,
  j.order_id,
  j.channel_id as path,
  1 as step_count,
  j.touched_at as last_at,
from int_journeys__touched as j
inner join int_orders__identified as i on i.order_id = j.order_id
where i.is_counted
  and j.touch_count = 1
