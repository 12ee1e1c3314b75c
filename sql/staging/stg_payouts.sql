-- Every telling of a payout of every source (D-51). One row per telling; a payout that changes is told again.
-- grain: telling_key
select
  _key as telling_key,
  payer || ':' || payout_ref as payout_id,
  payer,
  payout_ref,
  payout_status,
  paid_at,
  told_at,
  amount_cents,
  fee_cents,
  currency,
from stg_payouts__events
