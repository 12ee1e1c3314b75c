-- Every refund on its own date (D-07). One row per refund; goods, tax and shipping apart, positive amounts.
-- Each branch stg_files__… has these columns, with the types of the first branch.
-- grain: refund_id
-- check: reference order_id -> stg_orders (warning)
select
  refund_id,
  order_id,
  source,
  refunded_at,
  refund_cents,
  tax_cents,
  shipping_cents,
  total_cents,
  currency,
from stg_shopify__refunds
where order_id not in (select order_id from stg_pushed_orders)

union all

select
  refund_id,
  order_id,
  source,
  refunded_at,
  refund_cents,
  tax_cents,
  shipping_cents,
  total_cents,
  currency,
from stg_shopify_webhooks__refunds
where order_id in (select order_id from stg_pushed_orders)

union all

select
  refund_id,
  order_id,
  source,
  refunded_at,
  refund_cents,
  tax_cents,
  shipping_cents,
  total_cents,
  currency,
from stg_shopier__refunds

union all

select
  refund_id,
  order_id,
  source,
  refunded_at,
  refund_cents,
  tax_cents,
  shipping_cents,
  total_cents,
  currency,
from stg_webhooks__refunds

union all

select
  refund_id,
  order_id,
  source,
  refunded_at,
  refund_cents,
  tax_cents,
  shipping_cents,
  total_cents,
  currency,
from stg_files__shopify_refunds
where order_id in (select order_id from stg_orders)

union all

select
  refund_id,
  order_id,
  source,
  refunded_at,
  refund_cents,
  tax_cents,
  shipping_cents,
  total_cents,
  currency,
from stg_files__refunds
