-- The checkout tokens of orders, as the shop itself tells them. One row per order and token.
-- grain: order_id, checkout_token
-- may be empty
select distinct
  'shopify:' || order_ref as order_id,
  checkout_token,
from stg_shopify_webhooks__order_tokens
where order_ref is not null
  and checkout_token is not null
