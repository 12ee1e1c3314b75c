-- Every telling of a dispute (D-51). One row per telling; a dispute that changes is told again.
-- grain: telling_key
select
  _key as telling_key,
  'shopify:' || dispute_ref as dispute_id,
  'shopify:' || order_ref as order_id,
  dispute_type,
  dispute_status,
  amount_cents,
  currency,
  opened_at,
  closed_at,
  told_at,
from stg_shopify_webhooks__disputes
where is_dispute
