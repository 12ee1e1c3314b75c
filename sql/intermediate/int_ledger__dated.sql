-- When something became of an entry (D-51): when all of it was at the bank, when it was paid back in full, when it was disputed and how that ended.
-- A dispute that was lost is money that went back. One row per entry.
-- grain: entry_id
with

sums as (
  select
    entry_id,
    total(amount_cents) as settled_cents,
    max(currency) as settled_currency,
    max(payout_id) as payout_id,
    max(paid_at) as settled_at,
    max(matched_by) as matched_by,
    max(case when is_whole then 1 else 0 end) = 1 as is_whole,
    count(distinct currency) as currency_count,
  from int_ledger__settled
  group by entry_id
),

repaid as (
  select
    order_id,
    -total(amount_cents) as repaid_cents,
    max(entry_at) as repaid_at,
  from int_ledger__owed
  where entry_kind = 'refund'
  group by order_id
)

select
  e.entry_id,
  e.entry_kind,
  e.order_id,
  e.source,
  e.entry_at,
  e.amount_cents,
  e.currency,
  s.settled_cents,
  case when s.currency_count = 1 then s.settled_currency end as settled_currency,
  s.payout_id,
  s.matched_by,
  case when s.is_whole or abs(s.settled_cents) >= abs(e.amount_cents) then s.settled_at end as settled_at,
  case
    when e.entry_kind = 'sale' and r.repaid_cents >= e.amount_cents then r.repaid_at
    when e.entry_kind = 'sale' and not d.is_won then d.closed_at
  end as repaid_at,
  case when e.entry_kind = 'sale' then d.opened_at end as disputed_at,
  case when e.entry_kind = 'sale' and d.is_won then d.closed_at end as won_at,
  d.dispute_id,
from int_ledger__owed as e
left join sums as s on s.entry_id = e.entry_id
left join repaid as r on r.order_id = e.order_id
left join int_disputes__settled as d on d.order_id = e.order_id
