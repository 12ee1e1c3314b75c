-- What of the ledger a payout brought to the bank (D-51). One row per entry and transaction of a payout, or per entry and payout without.
-- is_whole: in another currency than the entry's an amount cannot be compared, and the transaction stands for the whole entry.
-- grain: settlement_id
select
  'line:' || l.payout_line_id as settlement_id,
  e.entry_id,
  l.payout_line_id,
  l.payout_id,
  l.paid_at,
  l.amount_cents,
  l.currency,
  l.currency <> e.currency as is_whole,
  'transaction' as matched_by,
from int_ledger__owed as e
inner join int_payout_lines__matched as l
  on l.order_id = e.order_id
  and l.line_kind = e.entry_kind
  and (
    e.entry_kind = 'sale'
    or (l.currency = e.currency and abs(l.amount_cents) = abs(e.amount_cents) and l.place = e.place)
    or (l.currency <> e.currency and l.place_in_order = e.place_in_order)
  )

union all

select
  'queue:' || q.entry_id as settlement_id,
  q.entry_id,
  cast(null as varchar) as payout_line_id,
  q.payout_id,
  q.paid_at,
  e.amount_cents,
  e.currency,
  true as is_whole,
  'oldest_first' as matched_by,
from int_ledger__queued as q
inner join int_ledger__owed as e on e.entry_id = q.entry_id
