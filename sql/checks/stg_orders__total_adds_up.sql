-- What was charged is gross less discounts plus tax, shipping, tip and duties; a cent per line may be rounding.
-- severity: warning
select
  o.order_id,
  o.total_cents,
  o.gross_cents - o.discount_cents + o.tax_cents + o.shipping_cents + o.tip_cents + o.duties_cents as parts_cents,
from stg_orders as o
inner join fact_orders as f on f.order_id = o.order_id
where abs(o.total_cents - (o.gross_cents - o.discount_cents + o.tax_cents + o.shipping_cents + o.tip_cents + o.duties_cents))
  > f.line_count + 1
  and f.is_counted
