-- One row per order webhook, with the tokens by which the order's checkout is known to the pixel; other topics have no order (D-47).
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "topic": "VARCHAR",
      "body": {"id": "VARCHAR", "checkout_token": "VARCHAR", "cart_token": "VARCHAR"}
    }') as w,
  from raw.shopify_webhooks__events
)

select
  _key,
  _slice,
  case when w.topic like 'orders/%' then gid_tail(clean_text(w.body.id)) end as order_ref,
  clean_text(w.body.checkout_token) as checkout_token,
  clean_text(w.body.cart_token) as cart_token,
from parsed
