-- The way of each journey through the channels: of every counted order with a touch, and of visitors who did not order (D-48).
-- One row per journey; equal neighbours on the way are one step, told as `meta>email`. The day is the order's, else that of the last touch.
-- grain: journey_id
-- version: 1
-- may be empty
select
  j.journey_id,
  j.order_id,
  coalesce(o.order_date, day_in_zone(j.last_at)) as journey_date,
  j.path,
  j.step_count,
  j.order_id is not null as is_converted,
from int_journeys__pathed as j
left join fact_orders as o on o.order_id = j.order_id
order by journey_date, j.journey_id
