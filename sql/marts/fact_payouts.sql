-- Payouts that reached the bank, and what of the ledger is in them (D-51). One row per payout, in its own currency.
-- amount = sales + refunds + fees + disputes + other + unexplained. What no entry of the ledger explains is named, not spread.
-- grain: payout_id
-- version: 1
-- may be empty
with

parts as (
  select
    s.payout_id,
    total(case when e.entry_kind = 'sale' then s.amount_cents else 0 end) as sale_cents,
    total(case when e.entry_kind = 'refund' then s.amount_cents else 0 end) as refund_cents,
    cast(0 as bigint) as fee_cents,
    cast(0 as bigint) as dispute_cents,
    cast(0 as bigint) as other_cents,
    count(*) as matched_count,
    cast(0 as bigint) as unmatched_count,
  from int_ledger__settled as s
  inner join int_payouts__settled as p
    on p.payout_id = s.payout_id
    and p.currency = s.currency
  inner join int_ledger__owed as e on e.entry_id = s.entry_id
  group by s.payout_id

  union all

  select
    l.payout_id,
    cast(0 as bigint) as sale_cents,
    cast(0 as bigint) as refund_cents,
    total(case when l.entry_kind = 'fee' then l.amount_cents else 0 end) as fee_cents,
    total(case when l.entry_kind in ('dispute', 'dispute_won') then l.amount_cents else 0 end) as dispute_cents,
    total(case when l.entry_kind in ('sale', 'refund', 'other') then l.amount_cents else 0 end) as other_cents,
    cast(0 as bigint) as matched_count,
    total(case when l.entry_kind in ('sale', 'refund') then 1 else 0 end) as unmatched_count,
  from fact_ledger as l
  inner join int_payouts__settled as p
    on p.payout_id = l.payout_id
    and p.currency = l.currency
  where l.matched_by = 'payout'
  group by l.payout_id
),

sums as (
  select
    payout_id,
    total(sale_cents) as sale_cents,
    total(refund_cents) as refund_cents,
    total(fee_cents) as fee_cents,
    total(dispute_cents) as dispute_cents,
    total(other_cents) as other_cents,
    total(matched_count) as matched_count,
    total(unmatched_count) as unmatched_count,
  from parts
  group by payout_id
)

select
  p.payout_id,
  p.payer,
  p.payout_ref,
  p.paid_at,
  p.payout_date,
  p.amount_cents,
  p.currency,
  p.currency = getvariable('currency') as is_reporting_currency,
  p.has_lines,
  coalesce(s.sale_cents, 0) as sale_cents,
  coalesce(s.refund_cents, 0) as refund_cents,
  coalesce(s.fee_cents, 0) as fee_cents,
  coalesce(s.dispute_cents, 0) as dispute_cents,
  coalesce(s.other_cents, 0) as other_cents,
  p.amount_cents - coalesce(s.sale_cents + s.refund_cents + s.fee_cents + s.dispute_cents + s.other_cents, 0) as unexplained_cents,
  coalesce(s.matched_count, 0) as matched_count,
  coalesce(s.unmatched_count, 0) as unmatched_count,
from int_payouts__settled as p
left join sums as s on s.payout_id = p.payout_id
where p.is_settled
order by p.payout_date, p.payout_id
