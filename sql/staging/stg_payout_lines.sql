-- Every transaction that a telling of a payout names (D-51). One row per transaction and telling.
-- grain: payout_line_id
select
  payout_line_id,
  telling_key,
  payer,
  line_number,
  line_kind,
  line_type,
  transaction_ref,
  order_ref,
  line_at,
  amount_cents,
  fee_cents,
  currency,
from stg_payouts__lines
