-- The transactions of payouts that reached the bank, each with the order that it names: by the payment's id, the order's id, or its number
-- when one order alone bears it (D-51). One row per transaction.
-- place counts the transactions of a kind and amount within an order, place_in_order those of a kind and currency.
-- grain: payout_line_id
with

matched as (
  select
    l.payout_line_id,
    p.payout_id,
    p.paid_at,
    l.line_kind,
    l.line_type,
    coalesce(t.order_id, w.order_id) as order_id,
    coalesce(l.line_at, p.paid_at) as line_at,
    coalesce(l.amount_cents, 0) as amount_cents,
    l.fee_cents,
    l.currency,
  from stg_payout_lines as l
  inner join int_payouts__settled as p
    on p.telling_key = l.telling_key
    and p.is_settled
  left join stg_transactions as t on t.transaction_id = 'shopify:' || l.transaction_ref
  left join int_order_words__unique as w on w.order_word = l.order_ref
)

select
  payout_line_id,
  payout_id,
  paid_at,
  line_kind,
  line_type,
  order_id,
  line_at,
  amount_cents,
  fee_cents,
  currency,
  row_number() over (
    partition by order_id, line_kind, currency, abs(amount_cents)
    order by line_at, payout_line_id
  ) as place,
  row_number() over (
    partition by order_id, line_kind, currency
    order by line_at, payout_line_id
  ) as place_in_order,
from matched
