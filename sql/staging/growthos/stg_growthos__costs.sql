-- Costs that somebody entered, one row each; the newest word about a cost is the one that counts (D-52).
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "id": "VARCHAR", "name": "VARCHAR", "category": "VARCHAR", "amount": "VARCHAR", "currency": "VARCHAR",
      "from": "VARCHAR", "to": "VARCHAR", "is_removed": "BOOLEAN", "decided_at": "VARCHAR"
    }') as c,
  from raw.growthos__costs
)

select
  _key,
  _slice,
  c.id as cost_id,
  c.name as cost_name,
  coalesce(clean_text(c.category), 'other') as category,
  minor_units(c.amount, upper(c.currency)) as amount_cents,
  upper(c.currency) as currency,
  cast(c."from" as date) as from_date,
  cast(c."to" as date) as to_date,
  coalesce(c.is_removed, false) as is_removed,
  instant(c.decided_at) as entered_at,
from parsed
