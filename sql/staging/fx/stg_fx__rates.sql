-- Reference rates as they were published: units of a currency for one unit of the base, exact (D-20). One row per day and currency.
-- Days without rates (weekends, holidays) have no row.
-- grain: _key, _slice
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{"date": "VARCHAR", "base": "VARCHAR", "currency": "VARCHAR", "rate": "VARCHAR"}') as r,
  from raw.fx__rates
)

select
  _key,
  _slice,
  cast(r.date as date) as rate_date,
  r.base as base_currency,
  r.currency,
  rate_units(r.rate) as units_per_base_e8,
from parsed
