-- Costs that people entered, on the days that they are for (D-52). One row per cost and day; a range is spread evenly, and its days add up to the cent.
-- Amounts are in currency: the reporting one, converted at the rate of the day where the cost was entered in another (D-20).
-- grain: cost_id, cost_date
-- version: 1
-- check: reference cost_date -> dim_date.date_day
-- may be empty
with

ranges as (
  select
    cost_id,
    cost_name,
    category,
    amount_cents,
    currency,
    from_date,
    coalesce(to_date, days_after(from_date, 1)) as to_date,
    coalesce(days_between(from_date, to_date), 1) as day_count,
  from stg_costs
),

days as (
  select
    r.cost_id,
    d.day as cost_date,
    r.cost_name,
    r.category,
    r.currency,
    -- Differences of rounded sums: no cent is lost or made.
    prorate(r.amount_cents, days_between(r.from_date, d.day) + 1, r.day_count)
      - prorate(r.amount_cents, days_between(r.from_date, d.day), r.day_count) as amount_cents,
  from ranges as r
  inner join int_days__enumerated as d
    on d.day >= r.from_date
    and d.day < r.to_date
)

select
  d.cost_id,
  d.cost_date,
  d.cost_name,
  d.category,
  converted(d.amount_cents, f.rate_over, f.rate_under) as amount_cents,
  case when f.fx_date is null then d.currency else cast(getvariable('currency') as varchar) end as currency,
  d.currency = getvariable('currency') or f.fx_date is not null as is_reporting_currency,
  d.currency as original_currency,
  d.amount_cents as original_amount_cents,
from days as d
left join int_fx__daily as f
  on f.currency = d.currency
  and f.day = d.cost_date
order by d.cost_date, d.cost_id
