-- No order nets more than its gross: discounts and refunds are amounts to subtract.
-- severity: critical
-- alias: revenue_net_lte_gross
select
  order_id,
  gross_cents,
  net_cents,
from fact_orders
where net_cents > gross_cents
