-- The newest word of Shopier about each order (D-45): its orders bear no time of change, so the last to come counts.
-- grain: order_id
select
  order_id,
  order_name,
  created_at,
  email_hash,
  currency,
  financial_status,
  is_cancelled,
  gross_cents,
  discount_cents,
  shipping_cents,
  total_cents,
  country,
  region,
  city,
  lines,
from stg_shopier__order_events
qualify row_number() over (partition by order_id order by received_at desc, _key desc) = 1
