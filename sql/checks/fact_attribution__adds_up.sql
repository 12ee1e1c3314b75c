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

by_order as (
  select
    order_id,
    count(*) as model_count,
    max(case when model = 'every' then 1 else 0 end) as is_undivided,
    min(credit_millionths) as least_credit,
    max(credit_millionths) as most_credit,
    min(net_cents) as least_net_cents,
    max(net_cents) as most_net_cents,
  from credited
  group by order_id
)

select
  o.order_id,
  c.model_count,
  c.least_credit,
  c.most_credit,
  c.least_net_cents,
  c.most_net_cents,
  o.net_cents as order_net_cents,
from fact_orders as o
left join by_order as c on c.order_id = o.order_id
where o.is_counted
  and (
    c.order_id is null
    or c.least_credit <> 1000000
    or c.most_credit <> 1000000
    or c.least_net_cents <> o.net_cents
    or c.most_net_cents <> o.net_cents
    or c.model_count <> case
      when c.is_undivided = 1 then 1
      else (select count(distinct model) from fact_attribution where model <> 'every')
    end
  )
