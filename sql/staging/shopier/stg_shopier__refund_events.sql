-- One row per webhook of Shopier about a refund. A refund that was asked for, or failed, is no money.
-- grain: _key
-- topics: refund.requested, refund.updated
with

parsed as (
  select
    _key,
    _slice,
    _fetched_at as received_at,
    from_json(payload, '{"topic": "VARCHAR", "body": {
      "id": "VARCHAR", "orderId": "VARCHAR", "type": "VARCHAR", "status": "VARCHAR", "dateCreated": "VARCHAR",
      "dateRefunded": "VARCHAR", "currency": "VARCHAR", "total": "VARCHAR"
    }}') as e,
  from raw.shopier__events
)

select
  _key,
  _slice,
  received_at,
  'shopier:' || e.body.id as refund_id,
  'shopier:' || e.body.orderId as order_id,
  lower(e.body.status) as refund_status,
  instant(coalesce(e.body.dateRefunded, e.body.dateCreated)) as refunded_at,
  minor_units(e.body.total, coalesce(upper(clean_text(e.body.currency)), 'TRY')) as total_cents,
  coalesce(upper(clean_text(e.body.currency)), 'TRY') as currency,
from parsed
where e.topic in ('refund.requested', 'refund.updated')
