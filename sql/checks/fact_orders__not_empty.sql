-- When orders have landed there are orders.
-- severity: critical
-- needs: meta.sources where rows > 0 and stream in ('orders', 'shopify_orders') (no orders have landed)
-- alias: orders_not_empty
select
  source,
  stream,
  rows,
from meta.sources
where rows > 0
  and (source || '.' || stream) in ('shopify.orders', 'files.shopify_orders', 'files.orders')
  and not exists (select 1 from fact_orders)
