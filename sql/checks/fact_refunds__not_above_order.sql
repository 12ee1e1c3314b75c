-- The refunds of an order are not more than what was charged for it.
-- severity: warning
select
  o.order_id,
  o.total_cents,
  sum(r.total_cents) as refunded_cents,
from fact_refunds as r
inner join fact_orders as o on o.order_id = r.order_id
group by o.order_id, o.total_cents
having sum(r.total_cents) > o.total_cents
