-- Who placed each order: the e-mail hash first, across sources, then the source's own customer number (D-08).
-- One row per order; customer_id is null for anonymous orders; the index counts counted orders only (D-04).
-- grain: order_id
with

recorded as (
  select
    customer_ref,
    min(email_hash) as email_hash,
  from stg_customers
  where email_hash is not null
  group by customer_ref
),

seen as (
  select
    customer_ref,
    min(email_hash) as email_hash,
  from stg_orders
  where email_hash is not null
    and customer_ref is not null
  group by customer_ref
),

identified as (
  select
    o.order_id,
    o.processed_at,
    coalesce(o.email_hash, recorded.email_hash, seen.email_hash, o.customer_ref) as customer_id,
    not o.is_test
      and not o.is_cancelled
      and coalesce(o.financial_status in ('paid', 'partially_paid', 'partially_refunded', 'refunded'), false) as is_counted,
  from stg_orders as o
  left join recorded on recorded.customer_ref = o.customer_ref
  left join seen on seen.customer_ref = o.customer_ref
),

ranked as (
  select
    order_id,
    row_number() over (partition by customer_id order by processed_at, length(order_id), order_id) as customer_order_index,
  from identified
  where is_counted
    and customer_id is not null
)

select
  i.order_id,
  i.customer_id,
  i.is_counted,
  r.customer_order_index,
from identified as i
left join ranked as r on r.order_id = i.order_id
