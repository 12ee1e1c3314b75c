-- When orders have landed there are orders.
-- severity: critical
select
  source,
  stream,
  rows,
from meta.sources
where rows > 0
  and (source || '.' || stream) in ('shopify.orders', 'files.shopify_orders', 'files.orders')
  and not exists (select 1 from fact_orders)
