-- Whole years and whole fiscal years from the oldest fact to the newest one, to as_of or to the configured horizon. One row per day.
-- Fiscal years, quarters, months and weeks follow D-21; they equal src/metrics/fiscal.ts.
-- grain: date_day
-- version: 2
with

-- The last day of every closing month, and the day up to which a year's last week may end.
closings as (
  select
    day,
    date_part('year', day) as year,
    case when getvariable('fiscal_last_week') = 'nearest' then days_after(day, 3) else day end as week_limit,
  from int_days__enumerated
  where date_part('month', day) = getvariable('fiscal_year_end_month')
    and date_part('day', days_after(day, 1)) = 1
),

year_ends as (
  select
    day as months_end,
    days_after(week_limit, -((date_part('isodow', week_limit) - getvariable('week_ends_on') + 7) % 7)) as weeks_end,
    case
      when getvariable('fiscal_year_named_by') = 'start' and getvariable('fiscal_year_end_month') < 12 then year - 1
      else year
    end as year,
  from closings
),

fiscal_years as (
  select
    year,
    case when getvariable('fiscal_periods') = 'months' then months_end else weeks_end end as last_day,
    days_after(
      lag(case when getvariable('fiscal_periods') = 'months' then months_end else weeks_end end) over (order by year), 1
    ) as first_day,
    weeks_end as last_week_end,
    days_after(lag(weeks_end) over (order by year), 1) as first_week_start,
  from year_ends
),

-- Weeks are numbered in a year of whole weeks, which in a calendar of months may begin some days before or after it.
parts as (
  select
    s.day,
    date_part('isodow', s.day) as weekday,
    date_part('month', s.day) as month,
    date_part('year', s.day) as year,
    days_after(s.day, (getvariable('week_ends_on') - date_part('isodow', s.day) + 7) % 7) as week_end,
    f.year as fiscal_year,
    f.first_day as fiscal_year_start,
    w.year as fiscal_week_year,
    floor(days_between(w.first_week_start, s.day) / 7) + 1 as fiscal_week,
    case
      when getvariable('fiscal_periods') = 'months' then 0
      when days_between(f.first_day, s.day) >= 273 then 3
      else floor(days_between(f.first_day, s.day) / 91)
    end as quarters_before,
    (date_part('month', s.day) - getvariable('fiscal_year_end_month') + 11) % 12 as months_before,
  from int_days__enumerated as s
  inner join fiscal_years as f on s.day between f.first_day and f.last_day
  inner join fiscal_years as w on s.day between w.first_week_start and w.last_week_end
  where (date_part('year', s.day) >= date_part('year', s.first_fact) or f.last_day >= s.first_fact)
    and (date_part('year', s.day) <= date_part('year', s.last_fact) or f.first_day <= s.last_fact)
),

-- Where the second and the third month of a quarter begin, in weeks; the days of calendar months are counted by no week.
cut as (
  select
    *,
    case when getvariable('fiscal_periods') = '5-4-4' then 5 else 4 end as second_month,
    case when getvariable('fiscal_periods') = '4-4-5' then 8 else 9 end as third_month,
    floor(days_between(days_after(fiscal_year_start, 91 * quarters_before), day) / 7) as weeks_before,
  from parts
),

placed as (
  select
    *,
    case
      when getvariable('fiscal_periods') = 'months' then months_before
      else 3 * quarters_before + case when weeks_before < second_month then 0 when weeks_before < third_month then 1 else 2 end
    end as fiscal_months_before,
  from cut
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
  cast(fiscal_year as integer) as fiscal_year,
  cast(floor(fiscal_months_before / 3) + 1 as integer) as fiscal_quarter,
  cast(fiscal_months_before + 1 as integer) as fiscal_month,
  cast(fiscal_week_year as integer) as fiscal_week_year,
  cast(fiscal_week as integer) as fiscal_week,
  fiscal_year_start,
  case
    when getvariable('fiscal_periods') = 'months' then months_after(month_of(day), -(fiscal_months_before % 3))
    else days_after(fiscal_year_start, 91 * quarters_before)
  end as fiscal_quarter_start,
  case
    when getvariable('fiscal_periods') = 'months' then month_of(day)
    else days_after(fiscal_year_start, 91 * quarters_before + 7 * case fiscal_months_before % 3
      when 0 then 0 when 1 then second_month else third_month
    end)
  end as fiscal_month_start,
from placed
order by day
