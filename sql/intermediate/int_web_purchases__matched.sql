-- Purchases that web analytics saw, with the order of the shop that they are: the transaction is the order's id or its name.
-- A transaction that comes on several days is the order's on the first of them and a repetition on the others (D-40).
-- grain: source, purchase_date, transaction_id
with

-- Worked out from the purchases: there are far more orders.
numbers as (
  select distinct order_number(transaction_id) as number
  from stg_web_purchases
),

keys as (
  select n.number, o.order_id
  from numbers as n
  inner join stg_orders as o on o.order_id = 'shopify:' || n.number

  union all

  select n.number, o.order_id
  from numbers as n
  inner join stg_orders as o on o.order_name = '#' || n.number

  union all

  select n.number, o.order_id
  from numbers as n
  inner join stg_orders as o on o.order_name = n.number
),

ranked as (
  select
    source,
    purchase_date,
    transaction_id,
    revenue_cents,
    currency,
    row_number() over (partition by source, transaction_id order by purchase_date, transaction_id) as repetition,
  from stg_web_purchases
)

select
  p.source,
  p.purchase_date,
  p.transaction_id,
  p.revenue_cents,
  p.currency = getvariable('currency') as is_reporting_currency,
  p.repetition > 1 as is_repeated,
  min(k.order_id) as order_id,
from ranked as p
left join keys as k on k.number = order_number(p.transaction_id)
group by p.source, p.purchase_date, p.transaction_id, p.revenue_cents, p.currency, p.repetition
