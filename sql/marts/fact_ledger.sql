-- The ledger (D-51): what was charged, paid back, kept and paid out, signed, each in its own currency. One row per entry.
-- A sale or a refund is CLEARED when a payout brought it to the bank, whatever the shop calls paid; the rest of a payout is cleared with it.
-- cleared_date: the day on which payouts had brought all of it, whatever became of it later; cleared_cents: what they brought, in the reporting
-- currency at the rate of that day (D-20, D-56). Both are null while it waits.
-- grain: entry_id
-- version: 2
-- may be empty
with

told_lines as (
  select distinct payout_line_id
  from int_ledger__settled
  where payout_line_id is not null
),

entries as (
  select
    e.entry_id,
    e.entry_kind,
    e.order_id,
    e.source,
    e.entry_at,
    e.amount_cents,
    e.currency,
    s.state,
    s.changed_at as state_at,
    day_in_zone(e.settled_at) as cleared_date,
    p.payer,
    e.payout_id,
    e.settled_cents,
    e.settled_currency,
    e.matched_by,
  from int_ledger__dated as e
  inner join fact_ledger_changes as s
    on s.entry_id = e.entry_id
    and s.is_current
  left join int_payouts__settled as p on p.payout_id = e.payout_id

  union all

  select
    'line:' || l.payout_line_id as entry_id,
    l.line_kind as entry_kind,
    l.order_id,
    p.payer as source,
    l.line_at as entry_at,
    l.amount_cents,
    l.currency,
    'CLEARED' as state,
    l.paid_at as state_at,
    p.payout_date as cleared_date,
    p.payer,
    l.payout_id,
    l.amount_cents as settled_cents,
    l.currency as settled_currency,
    'payout' as matched_by,
  from int_payout_lines__matched as l
  inner join int_payouts__settled as p on p.payout_id = l.payout_id
  left join told_lines as t on t.payout_line_id = l.payout_line_id
  where t.payout_line_id is null
    and l.amount_cents <> 0

  union all

  select
    'fee:' || l.payout_line_id as entry_id,
    'fee' as entry_kind,
    l.order_id,
    p.payer as source,
    l.line_at as entry_at,
    -l.fee_cents as amount_cents,
    l.currency,
    'CLEARED' as state,
    l.paid_at as state_at,
    p.payout_date as cleared_date,
    p.payer,
    l.payout_id,
    -l.fee_cents as settled_cents,
    l.currency as settled_currency,
    'payout' as matched_by,
  from int_payout_lines__matched as l
  inner join int_payouts__settled as p on p.payout_id = l.payout_id
  where l.fee_cents <> 0

  union all

  select
    'fee:' || payout_id as entry_id,
    'fee' as entry_kind,
    cast(null as varchar) as order_id,
    payer as source,
    paid_at as entry_at,
    -fee_cents as amount_cents,
    currency,
    'CLEARED' as state,
    paid_at as state_at,
    payout_date as cleared_date,
    payer,
    payout_id,
    -fee_cents as settled_cents,
    currency as settled_currency,
    'payout' as matched_by,
  from int_payouts__settled
  where is_settled
    and not has_lines
    and fee_cents <> 0
)

select
  e.entry_id,
  e.entry_kind,
  e.order_id,
  e.source,
  e.entry_at,
  day_in_zone(e.entry_at) as entry_date,
  e.amount_cents,
  e.currency,
  e.state,
  e.state_at,
  e.cleared_date,
  case when e.cleared_date is not null then converted(e.settled_cents, f.rate_over, f.rate_under) end as cleared_cents,
  e.settled_currency = getvariable('currency') or f.fx_date is not null as is_reporting_currency,
  e.payer,
  e.payout_id,
  e.settled_cents,
  e.settled_currency,
  e.matched_by,
from entries as e
left join int_fx__daily as f
  on f.currency = e.settled_currency
  and f.day = e.cleared_date
order by entry_date, e.entry_id
