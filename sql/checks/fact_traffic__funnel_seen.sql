-- A source that counts purchases also counts product views and carts: otherwise the shop does not send those events, and 0 is unknown.
-- severity: warning
-- needs: fact_traffic where source = 'ga4' and purchases > 0 (GA4 has counted no purchase)
select
  source,
  sum(purchases) as purchases,
  sum(product_views) as product_views,
  sum(add_to_carts) as add_to_carts,
from fact_traffic
where source = 'ga4'
group by source
having sum(purchases) > 0
  and (coalesce(sum(product_views), 0) = 0 or coalesce(sum(add_to_carts), 0) = 0)
