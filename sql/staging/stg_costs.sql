-- Every cost that stands (D-52). One row per cost; from_date is its day, or its first one with to_date, which is the first day after it.
-- grain: cost_id
select
  cost_id,
  cost_name,
  category,
  amount_cents,
  currency,
  from_date,
  to_date,
  entered_at,
from stg_growthos__costs
where not is_removed
