-- One row per telling of a payout: what a payment provider paid to the bank, and the transactions in it when they are named (D-51).
-- Told again with another status or amount, it is another row; which one holds is decided in int_payouts__settled.
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "topic": "VARCHAR", "received_at": "VARCHAR",
      "body": {
        "source": "VARCHAR", "ref_id": "VARCHAR", "id": "VARCHAR", "reference": "VARCHAR", "status": "VARCHAR", "date": "VARCHAR",
        "amount": "VARCHAR", "fee": "VARCHAR", "currency": "VARCHAR",
        "transactions": [{
          "id": "VARCHAR", "transaction_id": "VARCHAR", "type": "VARCHAR", "order": "VARCHAR", "order_id": "VARCHAR", "date": "VARCHAR",
          "amount": "VARCHAR", "fee": "VARCHAR", "currency": "VARCHAR"
        }]
      }
    }') as e,
  from raw.payouts__events
)

select
  _key,
  _slice,
  -- Who paid is said by the address that it came to; only without one by the payout itself.
  lower(coalesce(nullif(clean_text(e.topic), 'payout'), clean_text(e.body.source), 'unknown')) as payer,
  coalesce(clean_text(e.body.ref_id), clean_text(e.body.id), clean_text(e.body.reference), _key) as payout_ref,
  lower(coalesce(clean_text(e.body.status), 'paid')) as payout_status,
  coalesce(try(instant(clean_text(e.body.date))), instant(e.received_at)) as paid_at,
  instant(e.received_at) as told_at,
  minor_units(e.body.amount, upper(e.body.currency)) as amount_cents,
  minor_units(try_cast(e.body.fee as decimal(28, 6)), upper(e.body.currency)) as fee_cents,
  upper(e.body.currency) as currency,
  e.body.transactions as transactions,
from parsed
