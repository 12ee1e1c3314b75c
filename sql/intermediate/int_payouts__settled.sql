-- Payouts as they were told last, those that reached the bank (D-51). One row per payout.
-- gross_cents is what was paid and what was kept, as far as the payout itself says so. has_lines: it names its transactions.
-- grain: payout_id
with

ranked as (
  select
    *,
    row_number() over (partition by payout_id order by told_at desc, telling_key desc) as newest_first,
  from stg_payouts
),

lines as (
  select
    telling_key,
    count(*) as line_count,
  from stg_payout_lines
  group by telling_key
)

select
  p.payout_id,
  p.telling_key,
  p.payer,
  p.payout_ref,
  p.payout_status,
  p.paid_at,
  day_in_zone(p.paid_at) as payout_date,
  p.amount_cents,
  p.fee_cents,
  p.amount_cents + coalesce(p.fee_cents, 0) as gross_cents,
  p.currency,
  coalesce(l.line_count, 0) as line_count,
  l.line_count is not null as has_lines,
  p.payout_status in ('paid', 'deposited', 'completed', 'succeeded', 'success') as is_settled,
from ranked as p
left join lines as l on l.telling_key = p.telling_key
where p.newest_first = 1
