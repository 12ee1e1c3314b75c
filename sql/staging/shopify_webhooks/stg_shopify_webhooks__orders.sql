-- The newest version of each order that webhooks have told (D-45): they come in any order, so the order's own `updated_at` decides.
-- Not supersession: every event stands in raw, this chooses among what they say.
-- grain: order_ref
select
  order_ref,
  order_name,
  processed_at,
  created_at,
  updated_at,
  customer_ref,
  email_hash,
  currency,
  financial_status,
  is_test,
  is_cancelled,
  gross_cents,
  discount_cents,
  tax_cents,
  shipping_cents,
  tip_cents,
  duties_cents,
  total_cents,
  refund_total_cents,
  source_name,
  landing_site,
  referring_site,
  country,
  region,
  city,
  is_tax_included,
  lines,
  refunds,
from stg_shopify_webhooks__order_events
where order_ref is not null
  and processed_at is not null
qualify row_number() over (partition by order_ref order by updated_at desc nulls last, received_at desc, _key desc) = 1
