-- Product variants: those of the catalogue, and those that only order lines know. One row per variant.
-- `product_name` tells the variants of a product apart; a product without variants has one that Shopify calls Default Title.
-- grain: product_key
-- version: 2
with

only_sold as (
  select
    l.product_key,
    l.source,
    l.product_ref,
    l.variant_ref,
    l.sku,
    l.title,
    l.category,
    l.vendor,
    l.currency,
    row_number() over (partition by l.product_key order by l.order_id desc, l.order_line_id desc) as newest_first,
  from int_order_lines__costed as l
  left join stg_products as p on p.product_key = l.product_key
  where p.product_key is null
)

select
  product_key,
  source,
  product_ref,
  variant_ref,
  sku,
  title,
  variant_title,
  title || case when variant_title not in ('Default Title', title) then ' · ' || variant_title else '' end as product_name,
  category,
  vendor,
  price_cents,
  unit_cost_cents,
  currency,
  unit_cost_cents is not null as has_unit_cost,
from stg_products

union all

select
  product_key,
  source,
  product_ref,
  variant_ref,
  sku,
  title,
  cast(null as varchar) as variant_title,
  title as product_name,
  category,
  vendor,
  cast(null as bigint) as price_cents,
  cast(null as bigint) as unit_cost_cents,
  currency,
  false as has_unit_cost,
from only_sold
where newest_first = 1
order by product_key
