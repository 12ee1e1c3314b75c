-- No order is there twice: one source never names two orders alike at one instant, whatever their ids.
-- severity: critical
-- alias: no_duplicate_orders
select
  source,
  order_name,
  order_at,
  count(*) as orders,
from fact_orders
where order_name is not null
group by source, order_name, order_at
having count(*) > 1
