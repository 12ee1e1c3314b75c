-- Net is gross less discounts less refunds, and contribution is gross less discounts less costs; refunds are those of fact_refunds.
-- severity: critical
select
  o.order_id,
  o.gross_cents,
  o.discount_cents,
  o.refund_cents,
  coalesce(r.refund_cents, 0) as refunds_of_the_order,
  o.net_cents,
  o.contribution_cents,
from fact_orders as o
left join (
  select
    order_id,
    sum(refund_cents) as refund_cents,
  from fact_refunds
  group by order_id
) as r on r.order_id = o.order_id
where o.net_cents <> o.gross_cents - o.discount_cents - o.refund_cents
  or o.refund_cents <> coalesce(r.refund_cents, 0)
  or o.contribution_cents
    <> o.gross_cents - o.discount_cents - o.cogs_cents - o.shipping_cost_cents - o.ops_cost_cents - o.payment_fee_cents
