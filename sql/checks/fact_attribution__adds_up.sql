-- The credits of an order are exactly one by every model, and the parts of its net revenue are the order's to the cent (D-48).
-- severity: critical
with

credited as (
  select
    order_id,
    model,
    sum(credit_millionths) as credit_millionths,
    sum(net_cents) as net_cents,
  from fact_attribution
  group by order_id, model
),

models as (
  select distinct model
  from fact_attribution
)

select
  o.order_id,
  m.model,
  c.credit_millionths,
  c.net_cents,
  o.net_cents as order_net_cents,
from fact_orders as o
cross join models as m
left join credited as c
  on c.order_id = o.order_id
  and c.model = m.model
where o.is_counted
  and (
    c.credit_millionths is null
    or c.credit_millionths <> 1000000
    or c.net_cents <> o.net_cents
  )
