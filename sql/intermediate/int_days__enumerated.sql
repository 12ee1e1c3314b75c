-- One row per day, from three years before the first fact to far beyond the last one: whole fiscal years on both sides of both.
-- The last fact is the newest of the data, as_of and the configured horizon.
-- grain: day
with

bounds as (
  select
    min(day) as first_fact,
    max(day) as last_fact,
  from (
    select day_in_zone(processed_at) as day from stg_orders
    union all
    select day_in_zone(refunded_at) as day from stg_refunds
    union all
    select spend_date as day from stg_spend
    union all
    select traffic_date as day from stg_traffic
    union all
    select metric_date as day from stg_daily_metrics
    union all
    select cast(getvariable('as_of') as date) as day
    union all
    select cast(getvariable('dates_until') as date) as day
  ) as days
),

digits as (
  select digit
  from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as digits(digit)
),

-- 100,000 days: 273 years
numbers as (
  select a.digit + 10 * b.digit + 100 * c.digit + 1000 * d.digit + 10000 * e.digit as number
  from digits as a
  cross join digits as b
  cross join digits as c
  cross join digits as d
  cross join digits as e
)

select
  days_after(b.first_fact, n.number - 1100) as day,
  b.first_fact,
  b.last_fact,
from bounds as b
cross join numbers as n
where days_between(days_after(b.first_fact, n.number - 1100), b.last_fact) > -1100
order by day
