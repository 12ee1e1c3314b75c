-- What customers paid and got back, as the shop tells it (D-51): one entry per order and one per refund, signed, in the order's own currency.
-- Orders that were never charged are none; without any payout there is no ledger: nobody could tell what is at the bank. place counts the refunds of one amount within an order, place_in_order all of them.
-- grain: entry_id
with

charged as (
  select
    order_id,
    source,
    processed_at,
    total_cents,
    currency,
  from stg_orders
  where (select count(*) from stg_payouts) > 0
    and not is_test
    and total_cents <> 0
    and financial_status not in ('voided', 'expired')
    and not (is_cancelled and financial_status in ('pending', 'authorized'))
)

select
  'sale:' || order_id as entry_id,
  'sale' as entry_kind,
  order_id,
  source,
  processed_at as entry_at,
  total_cents as amount_cents,
  currency,
  1 as place,
  1 as place_in_order,
from charged

union all

select
  'refund:' || r.refund_id as entry_id,
  'refund' as entry_kind,
  r.order_id,
  o.source,
  r.refunded_at as entry_at,
  -r.total_cents as amount_cents,
  r.currency,
  row_number() over (partition by r.order_id, r.total_cents order by r.refunded_at, r.refund_id) as place,
  row_number() over (partition by r.order_id order by r.refunded_at, r.refund_id) as place_in_order,
from stg_refunds as r
inner join charged as o on o.order_id = r.order_id
where r.total_cents <> 0
