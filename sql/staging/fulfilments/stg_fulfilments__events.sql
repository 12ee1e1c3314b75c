-- One row per word about an order's parcels: `{ order_id | external_id | order_name | order.id, status }`, with `id` where an order has several.
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{"received_at": "VARCHAR", "body": {
      "id": "VARCHAR", "order_id": "VARCHAR", "external_id": "VARCHAR", "order_name": "VARCHAR", "order": {"id": "VARCHAR"},
      "status": "VARCHAR", "updated_at": "VARCHAR", "date": "VARCHAR", "carrier": "VARCHAR"
    }}') as e,
  from raw.fulfilments__events
)

select
  _key,
  _slice,
  clean_text(e.body.id) as parcel_ref,
  order_number(coalesce(clean_text(e.body.order_id), clean_text(e.body.external_id), clean_text(e.body.order_name), e.body.order.id)) as order_word,
  lower(clean_text(e.body.status)) as fulfilment_status,
  coalesce(told_instant(clean_text(e.body.updated_at)), told_instant(clean_text(e.body.date)), instant(e.received_at)) as told_at,
  clean_text(e.body.carrier) as carrier,
from parsed
