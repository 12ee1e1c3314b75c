-- Every order has all of its money and its currency.
-- severity: critical
-- alias: no_null_revenue
select
  order_id,
  currency,
  gross_cents,
  discount_cents,
  refund_cents,
  net_cents,
  total_cents,
from fact_orders
where currency is null
  or gross_cents is null
  or discount_cents is null
  or refund_cents is null
  or net_cents is null
  or total_cents is null
  or cogs_cents is null
  or contribution_cents is null
