-- One row per payment, refund or authorization of the Admin API, unfolded from the orders that survived. Positive amounts.
-- It is for payouts and fees only: revenue comes from the order, because an order may have both a sale and a capture (D-03).
-- grain: transaction_id
select
  'shopify:' || payment.transaction_id as transaction_id,
  'shopify:' || order_ref as order_id,
  'shopify' as source,
  payment.kind,
  payment.status,
  payment.is_test,
  payment.gateway,
  payment.processed_at,
  payment.amount_cents,
  currency,
from (
  select
    order_ref,
    currency,
    unnest(transactions) as payment,
  from stg_shopify__orders
)
