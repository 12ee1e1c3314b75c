-- Every published reference rate: units of the currency for one euro, in hundred-millionths (D-20). One row per day and currency.
-- grain: rate_date, currency
select
  rate_date,
  currency,
  units_per_base_e8 as units_per_euro_e8,
from stg_fx__rates
where base_currency = 'EUR'
  and currency <> 'EUR'
