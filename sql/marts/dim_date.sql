-- Days from the first of the year of the oldest fact to the end of the year of the newest one or of as_of. One row per day.
-- Weeks end on the workspace's own day; a fiscal year bears the number of the year in which it ends.
-- grain: date_day
-- version: 1
with

bounds as (
  select
    cast(date_trunc('year', min(day)) as date) as first_day,
    date_part('year', max(day)) as last_year,
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
),

days as (
  select
    days_after(b.first_day, n.number) as day,
  from bounds as b
  cross join numbers as n
  where date_part('year', days_after(b.first_day, n.number)) <= b.last_year
),

parts as (
  select
    day,
    date_part('isodow', day) as weekday,
    date_part('month', day) as month,
    date_part('year', day) as year,
    days_after(day, (getvariable('week_ends_on') - date_part('isodow', day) + 7) % 7) as week_end,
    (date_part('month', day) - getvariable('fiscal_year_end_month') + 11) % 12 + 1 as fiscal_month,
  from days
)

select
  day as date_day,
  cast(weekday as integer) as iso_weekday,
  case weekday
    when 1 then 'Monday' when 2 then 'Tuesday' when 3 then 'Wednesday' when 4 then 'Thursday'
    when 5 then 'Friday' when 6 then 'Saturday' else 'Sunday'
  end as day_name,
  weekday >= 6 as is_weekend,
  cast(date_part('week', day) as integer) as iso_week,
  cast(date_part('isoyear', day) as integer) as iso_year,
  days_after(week_end, -6) as week_start,
  week_end,
  month_of(day) as month_start,
  case month
    when 1 then 'January' when 2 then 'February' when 3 then 'March' when 4 then 'April'
    when 5 then 'May' when 6 then 'June' when 7 then 'July' when 8 then 'August'
    when 9 then 'September' when 10 then 'October' when 11 then 'November' else 'December'
  end as month_name,
  cast(date_trunc('quarter', day) as date) as quarter_start,
  cast(year as integer) as year,
  cast(case when month > getvariable('fiscal_year_end_month') then year + 1 else year end as integer) as fiscal_year,
  cast(floor((fiscal_month + 2) / 3) as integer) as fiscal_quarter,
  cast(fiscal_month as integer) as fiscal_month,
from parts
order by day
