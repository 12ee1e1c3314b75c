-- Every payout is made of entries of the ledger, to the cent; what is left is named (D-51).
-- severity: warning
select
  payout_id,
  payout_date,
  amount_cents,
  unexplained_cents,
  currency,
from fact_payouts
where unexplained_cents <> 0
