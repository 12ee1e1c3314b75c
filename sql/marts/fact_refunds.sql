-- Refunds on the day they were made (D-07): goods, tax and shipping apart, with the cost of the goods that came back (D-13).
-- One row per refund; the dimensions are those of its order. Converted at the rate of the day of the refund (D-20).
-- grain: refund_id
-- version: 3
-- check: reference order_id -> fact_orders (warning)
-- check: reference refund_date -> dim_date.date_day
select
  r.refund_id,
  r.order_id,
  r.refunded_at as refund_at,
  day_in_zone(r.refunded_at) as refund_date,
  o.order_date,
  r.refund_cents,
  r.tax_cents,
  r.shipping_cents,
  r.total_cents,
  prorate(o.cogs_cents, r.goods_at_order_rate_cents, o.gross_cents - o.discount_cents) as cogs_returned_cents,
  r.currency,
  r.currency = getvariable('currency') as is_reporting_currency,
  r.original_currency,
  r.fx_date,
  o.channel_id,
  o.category,
  o.country,
  o.region,
  o.customer_type,
  o.customer_order_index,
  o.order_value_cents,
  coalesce(o.is_new_customer, false) as is_new_customer,
  coalesce(o.is_returning_customer, false) as is_returning_customer,
  o.campaign_key,
  coalesce(o.is_counted, false) as is_counted,
from int_refunds__converted as r
left join fact_orders as o on o.order_id = r.order_id
order by refund_date, r.refund_id
