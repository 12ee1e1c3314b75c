-- One row per transaction that a payout names, in the payout's currency unless it says another (D-51).
-- Amounts are signed as the provider's balance moves: a charge comes in, a refund or a dispute goes out; a fee is what was kept.
-- grain: payout_line_id
with

unfolded as (
  select
    _key,
    payer,
    payout_ref,
    currency as payout_currency,
    unnest(transactions) as line,
    unnest(range(1, len(transactions) + 1)) as line_number,
  from stg_payouts__events
  where len(transactions) > 0
),

named as (
  select
    *,
    lower(coalesce(clean_text(line.type), 'charge')) as line_type,
    upper(coalesce(clean_text(line.currency), payout_currency)) as currency,
  from unfolded
)

select
  _key || '|' || line_number as payout_line_id,
  _key as telling_key,
  payer,
  payout_ref,
  line_number,
  case
    when line_type in ('charge', 'sale', 'payment', 'capture') then 'sale'
    when line_type in ('refund', 'payment_refund') then 'refund'
    when line_type in ('fee', 'application_fee', 'stripe_fee', 'shopify_fee') then 'fee'
    when line_type in ('dispute', 'chargeback', 'chargeback_hold') then 'dispute'
    when line_type in ('dispute_reversal', 'chargeback_reversal', 'chargeback_won', 'dispute_won') then 'dispute_won'
    else 'other'
  end as line_kind,
  line_type,
  clean_text(line.transaction_id) as transaction_ref,
  gid_tail(order_number(coalesce(clean_text(line.order_id), clean_text(line."order")))) as order_ref,
  try(instant(clean_text(line.date))) as line_at,
  minor_units(try_cast(line.amount as decimal(28, 6)), currency) as amount_cents,
  coalesce(minor_units(try_cast(line.fee as decimal(28, 6)), currency), 0) as fee_cents,
  currency,
from named
