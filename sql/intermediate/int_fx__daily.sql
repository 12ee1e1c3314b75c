-- What each other currency is worth in the reporting currency on each day: an amount in minor units x rate_over / rate_under (D-20).
-- Triangulated over the euro; a rate holds until the next one, for 7 days at most, and never before its own day. No rate, no row.
-- One row per currency and day; fx_date is the day of the older of the two rates that it rests on.
-- grain: currency, day
with

published as (
  select
    currency,
    rate_date,
    cast(units_per_euro_e8 as hugeint) as units,
    min(rate_date) over (partition by currency order by rate_date rows between 1 following and 1 following) as next_date,
  from stg_rates
),

held as (
  select
    p.currency,
    days_after(p.rate_date, ages.age) as day,
    p.rate_date,
    p.units,
  from published as p
  inner join (values (0), (1), (2), (3), (4), (5), (6), (7)) as ages(age)
    on p.next_date is null
    or days_after(p.rate_date, ages.age) < p.next_date
),

-- The euro has no row of its own: one of it is one euro on every day that has any rate.
legs as (
  select currency, day, rate_date, units
  from held

  union all

  select 'EUR' as currency, day, max(rate_date) as rate_date, 100000000 as units
  from held
  group by day
)

select
  f.currency,
  f.day,
  case when f.rate_date < t.rate_date then f.rate_date else t.rate_date end as fx_date,
  t.units * minor_unit_factor(t.currency) as rate_over,
  f.units * minor_unit_factor(f.currency) as rate_under,
from legs as f
inner join legs as t
  on t.day = f.day
  and t.currency = getvariable('currency')
where f.currency <> getvariable('currency')
