-- Every order has a channel that dim_channel knows; an order without one would be in no channel's total.
-- severity: critical
-- alias: fk_orders_channel
select
  o.order_id,
  o.channel_id,
from fact_orders as o
left join dim_channel as c on c.channel_id = o.channel_id
where c.channel_id is null
