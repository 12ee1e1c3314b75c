-- The refunds of an order are not more than what was charged for it, in the currency of the order: rates of two days are no fault.
-- severity: warning
-- needs: stg_refunds
select
  o.order_id,
  o.total_cents,
  sum(r.total_cents) as refunded_cents,
from stg_refunds as r
inner join stg_orders as o on o.order_id = r.order_id
group by o.order_id, o.total_cents
having sum(r.total_cents) > o.total_cents
