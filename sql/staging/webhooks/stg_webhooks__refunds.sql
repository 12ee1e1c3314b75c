-- The newest word about each refund of the generic webhook; goods are what is left of it.
-- grain: refund_id
select
  refund_id,
  order_id,
  'webhooks' as source,
  refunded_at,
  total_cents - tax_cents - shipping_cents as refund_cents,
  tax_cents,
  shipping_cents,
  total_cents,
  currency,
from stg_webhooks__refund_events
qualify row_number() over (partition by refund_id order by received_at desc, _key desc) = 1
