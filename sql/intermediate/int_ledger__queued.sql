-- Payouts that name no transaction, and the entries that nobody else named, in one queue per payer and currency (D-51).
-- A payer is where the orders are from, or the gateway that took the money. Both sides are summed up from their beginning: an entry is paid by
-- the first payout whose sum reaches that of the entries up to it; on one day refunds come before sales, as payers net them.
-- One row per entry that was reached.
-- grain: entry_id
with

named as (
  select distinct e.entry_id
  from int_ledger__owed as e
  inner join int_payout_lines__matched as l
    on l.order_id = e.order_id
    and l.line_kind = e.entry_kind
),

payers as (
  select order_id, source as payer
  from stg_orders

  union

  select order_id, lower(gateway) as payer
  from stg_transactions
  where status = 'success'
),

queues as (
  select distinct payer, currency
  from int_payouts__settled
  where is_settled
    and not has_lines
),

waiting as (
  select
    p.payer,
    e.currency,
    e.entry_id,
    e.entry_at,
    sum(e.amount_cents) over (
      partition by p.payer, e.currency
      order by day_in_zone(e.entry_at), case when e.amount_cents < 0 then 0 else 1 end, e.entry_at, e.entry_id
      rows between unbounded preceding and current row
    ) as reached_cents,
  from int_ledger__owed as e
  inner join payers as p on p.order_id = e.order_id
  inner join queues as q
    on q.payer = p.payer
    and q.currency = e.currency
  left join named as n on n.entry_id = e.entry_id
  where n.entry_id is null
),

lumps as (
  select
    payer,
    currency,
    payout_id,
    paid_at,
    row_number() over (partition by payer, currency order by paid_at, payout_id) as place,
    sum(gross_cents) over (
      partition by payer, currency
      order by paid_at, payout_id
      rows between unbounded preceding and current row
    ) as reached_cents,
  from int_payouts__settled
  where is_settled
    and not has_lines
    and gross_cents > 0
),

queue as (
  select payer, currency, entry_id, entry_at, reached_cents, 0 as is_lump, cast(null as bigint) as place
  from waiting

  union all

  select payer, currency, cast(null as varchar) as entry_id, cast(null as timestamptz) as entry_at, reached_cents, 1 as is_lump, place
  from lumps
),

reached as (
  select
    payer,
    currency,
    entry_id,
    entry_at,
    min(place) over (
      partition by payer, currency
      order by reached_cents, is_lump, entry_id, place
      rows between current row and unbounded following
    ) as place,
  from queue
),

paid as (
  select
    r.entry_id,
    l.payout_id,
    l.paid_at,
    row_number() over (partition by r.entry_id order by l.paid_at, l.payout_id) as place,
  from reached as r
  inner join lumps as l
    on l.payer = r.payer
    and l.currency = r.currency
    and l.place = r.place
  where r.entry_id is not null
    and l.paid_at >= r.entry_at
)

select
  entry_id,
  payout_id,
  paid_at,
from paid
where place = 1
