-- One row per telling of a refund under the topic `refunds` of the generic webhook. What it says of tax and shipping is taken out of the goods (D-07).
-- grain: _key
-- topics: refunds
with

parsed as (
  select
    _key,
    _slice,
    _fetched_at as received_at,
    from_json(payload, '{"topic": "VARCHAR", "body": {
      "id": "VARCHAR", "order_id": "VARCHAR", "created_at": "VARCHAR", "currency": "VARCHAR",
      "amount": "VARCHAR", "tax": "VARCHAR", "shipping": "VARCHAR"
    }}') as e,
  from raw.webhooks__events
)

select
  _key,
  _slice,
  received_at,
  'webhooks:' || e.body.id as refund_id,
  'webhooks:' || e.body.order_id as order_id,
  instant(e.body.created_at) as refunded_at,
  minor_units(e.body.amount, e.body.currency) as total_cents,
  coalesce(minor_units(e.body.tax, e.body.currency), 0) as tax_cents,
  coalesce(minor_units(e.body.shipping, e.body.currency), 0) as shipping_cents,
  e.body.currency as currency,
from parsed
where e.topic = 'refunds'
