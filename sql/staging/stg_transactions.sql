-- Every payment, refund or authorization of every source (D-03). One row per transaction, positive amounts; for payouts, not for revenue.
-- grain: transaction_id
select
  transaction_id,
  order_id,
  source,
  kind,
  status,
  is_test,
  gateway,
  processed_at,
  amount_cents,
  currency,
from stg_shopify__transactions
