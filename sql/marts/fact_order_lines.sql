-- Order lines with product, cost of goods and the order's own dimensions. One row per order line on the order's day.
-- Amounts are in currency: the reporting one, converted at the rate of the order where it was in another (D-20).
-- grain: order_line_id
-- version: 3
-- check: reference order_id -> fact_orders (warning)
-- check: reference product_key -> dim_product
select
  l.order_line_id,
  l.order_id,
  o.order_date,
  l.product_key,
  l.sku,
  l.title,
  l.category,
  l.quantity,
  l.unit_price_cents,
  l.gross_cents,
  l.discount_cents,
  l.net_of_discount_cents,
  l.cogs_cents,
  l.cogs_basis,
  l.currency,
  l.currency = getvariable('currency') as is_reporting_currency,
  l.original_currency,
  o.channel_id,
  o.country,
  o.region,
  o.customer_type,
  o.customer_order_index,
  o.order_value_cents,
  coalesce(o.is_counted, false) as is_counted,
from int_order_lines__costed as l
left join fact_orders as o on o.order_id = l.order_id
order by o.order_date, l.order_line_id
