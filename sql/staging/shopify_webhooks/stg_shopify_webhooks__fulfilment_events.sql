-- One row per webhook about a parcel: what the carrier says of it, and before that what the shop says.
-- grain: _key
-- topics: fulfillments/create, fulfillments/update
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{"topic": "VARCHAR", "received_at": "VARCHAR", "body": {
      "id": "VARCHAR", "order_id": "VARCHAR", "status": "VARCHAR", "shipment_status": "VARCHAR", "updated_at": "VARCHAR",
      "tracking_company": "VARCHAR"
    }}') as e,
  from raw.shopify_webhooks__events
)

select
  _key,
  _slice,
  clean_text(e.body.id) as parcel_ref,
  clean_text(e.body.order_id) as order_word,
  lower(coalesce(clean_text(e.body.shipment_status), clean_text(e.body.status))) as fulfilment_status,
  coalesce(told_instant(clean_text(e.body.updated_at)), instant(e.received_at)) as told_at,
  clean_text(e.body.tracking_company) as carrier,
from parsed
where e.topic in ('fulfillments/create', 'fulfillments/update')
