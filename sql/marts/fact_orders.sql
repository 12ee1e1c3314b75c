-- Orders with customer, channel and the revenue ladder: gross, discounts, returns, net, costs, contribution (D-03, D-13).
-- One row per order on its processed day in the shop's time zone (D-01); tax and shipping are apart and in no measure of revenue.
-- Amounts are in currency: the reporting one, converted at the rate of fx_date where the order was in another (D-20).
-- grain: order_id
-- version: 3
-- check: reference channel_id -> dim_channel
-- check: reference customer_id -> dim_customer
-- check: reference campaign_key -> dim_campaign
-- check: reference order_date -> dim_date.date_day
select
  o.order_id,
  o.source,
  o.order_name,
  o.processed_at as order_at,
  day_in_zone(o.processed_at) as order_date,
  i.customer_id,
  case
    when i.customer_id is null then 'anonymous'
    when i.customer_order_index = 1 then 'new'
    when i.customer_order_index > 1 then 'returning'
  end as customer_type,
  i.customer_order_index,
  coalesce(i.customer_order_index = 1, false) as is_new_customer,
  coalesce(i.customer_order_index > 1, false) as is_returning_customer,
  i.customer_id is null as is_anonymous,
  a.channel_id,
  a.attribution_rule,
  a.campaign_key,
  c.category,
  o.country,
  o.region,
  c.currency,
  c.currency = getvariable('currency') as is_reporting_currency,
  c.original_currency,
  c.fx_date,
  o.is_test,
  o.is_cancelled,
  i.is_counted,
  o.financial_status,
  c.unit_count,
  c.line_count,
  c.gross_cents,
  c.discount_cents,
  c.gross_cents - c.discount_cents as order_value_cents,
  c.refund_cents,
  c.gross_cents - c.discount_cents - c.refund_cents as net_cents,
  c.tax_cents,
  c.shipping_cents,
  c.total_cents,
  c.cogs_cents,
  c.shipping_cost_cents,
  c.ops_cost_cents,
  c.payment_fee_cents,
  c.gross_cents - c.discount_cents - c.cogs_cents - c.shipping_cost_cents - c.ops_cost_cents - c.payment_fee_cents
    as contribution_cents,
from stg_orders as o
inner join int_orders__identified as i on i.order_id = o.order_id
inner join int_orders__costed as c on c.order_id = o.order_id
left join int_orders__attributed as a on a.order_id = o.order_id
order by order_date, o.order_id
