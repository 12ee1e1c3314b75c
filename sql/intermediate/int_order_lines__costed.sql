-- Order lines with their product and the cost of the goods: unit cost, else the category's margin on what was paid (D-13).
-- Amounts are in the reporting currency at the rate of the order, where it has one (D-20).
-- One row per order line.
-- grain: order_line_id
with

by_variant as (
  select
    variant_ref,
    min(product_key) as product_key,
  from stg_products
  where variant_ref is not null
  group by variant_ref
),

by_sku as (
  select
    sku,
    min(product_key) as product_key,
  from stg_products
  where sku is not null
  group by sku
),

matched as (
  select
    l.order_line_id,
    l.order_id,
    l.sku,
    l.title,
    l.vendor,
    l.quantity,
    converted(l.unit_price_cents, x.rate_over, x.rate_under) as unit_price_cents,
    converted(l.gross_cents, x.rate_over, x.rate_under) as gross_cents,
    converted(l.discount_cents, x.rate_over, x.rate_under) as discount_cents,
    case when x.fx_date is null then l.currency else cast(getvariable('currency') as varchar) end as currency,
    l.currency as original_currency,
    l.source,
    l.product_ref,
    l.variant_ref,
    coalesce(p.product_key, l.variant_ref, l.source || ':sku:' || l.sku, l.product_ref,
      l.source || ':title:' || lower(l.title), l.source || ':unnamed') as product_key,
    coalesce(l.category, p.category) as category,
    case
      when p.currency = l.currency
        then converted(cast(l.quantity * p.unit_cost_cents as bigint), x.rate_over, x.rate_under)
      -- A converted line whose cost is already in the reporting currency.
      when x.fx_date is not null and p.currency = getvariable('currency')
        then cast(l.quantity * p.unit_cost_cents as bigint)
    end as goods_cost_cents,
  from stg_order_lines as l
  left join by_variant on by_variant.variant_ref = l.variant_ref
  left join by_sku on by_sku.sku = l.sku
  left join stg_products as p on p.product_key = coalesce(by_variant.product_key, by_sku.product_key)
  left join int_orders__rated as x
    on x.order_id = l.order_id
    and x.currency = l.currency
)

select
  m.order_line_id,
  m.order_id,
  m.source,
  m.product_key,
  m.product_ref,
  m.variant_ref,
  m.sku,
  m.title,
  m.vendor,
  m.category,
  m.quantity,
  m.unit_price_cents,
  m.gross_cents,
  m.discount_cents,
  m.gross_cents - m.discount_cents as net_of_discount_cents,
  case
    when m.goods_cost_cents is not null then m.goods_cost_cents
    else share_of(m.gross_cents - m.discount_cents, 1 - coalesce(margins.margin, rates.default_margin))
  end as cogs_cents,
  case
    when m.goods_cost_cents is not null then 'unit_cost'
    when margins.margin is not null then 'category_margin'
    else 'default_margin'
  end as cogs_basis,
  m.currency,
  m.original_currency,
from matched as m
cross join int_cost_rates__settled as rates
left join int_category_margins__settled as margins on margins.category = lower(m.category)
