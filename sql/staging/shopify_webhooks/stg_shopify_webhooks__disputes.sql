-- One row per delivery of Shopify's webhooks, with the dispute that it tells of; other topics have none (D-51).
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "topic": "VARCHAR", "received_at": "VARCHAR",
      "body": {
        "id": "VARCHAR", "order_id": "VARCHAR", "type": "VARCHAR", "amount": "VARCHAR", "currency": "VARCHAR", "status": "VARCHAR",
        "initiated_at": "VARCHAR", "finalized_on": "VARCHAR"
      }
    }') as e,
  from raw.shopify_webhooks__events
),

disputes as (
  select
    _key,
    _slice,
    e.topic in ('disputes/create', 'disputes/update') and e.body.id is not null as is_dispute,
    e.received_at as received_at,
    e.body as b,
  from parsed
)

select
  _key,
  _slice,
  is_dispute,
  case when is_dispute then b.id end as dispute_ref,
  case when is_dispute then clean_text(b.order_id) end as order_ref,
  case when is_dispute then lower(clean_text(b.type)) end as dispute_type,
  case when is_dispute then lower(clean_text(b.status)) end as dispute_status,
  case when is_dispute then minor_units(try_cast(b.amount as decimal(28, 6)), upper(b.currency)) end as amount_cents,
  case when is_dispute then upper(clean_text(b.currency)) end as currency,
  case when is_dispute then coalesce(try(instant(b.initiated_at)), instant(received_at)) end as opened_at,
  case when is_dispute then try(instant(b.finalized_on)) end as closed_at,
  instant(received_at) as told_at,
from disputes
