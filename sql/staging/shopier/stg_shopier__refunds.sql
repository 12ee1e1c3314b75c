-- Refunds of Shopier that succeeded, by the newest word about each. One that pays back everything pays the shipping back, too (D-07).
-- grain: refund_id
with

newest as (
  select *
  from stg_shopier__refund_events
  qualify row_number() over (partition by refund_id order by received_at desc, _key desc) = 1
),

split as (
  select
    r.*,
    case when r.total_cents = o.total_cents then o.shipping_cents else 0 end as shipping_cents,
  from newest as r
  left join stg_shopier__orders as o on o.order_id = r.order_id
  where r.refund_status = 'succeeded'
)

select
  refund_id,
  order_id,
  'shopier' as source,
  refunded_at,
  total_cents - shipping_cents as refund_cents,
  cast(0 as bigint) as tax_cents,
  shipping_cents,
  total_cents,
  currency,
from split
