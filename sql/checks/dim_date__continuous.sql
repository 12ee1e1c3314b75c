-- The calendar has every day between its first and its last.
-- severity: warning
-- alias: continuous_dates
select
  d.date_day as day_after_the_gap,
from dim_date as d
left join dim_date as before on before.date_day = d.date_day - 1
where before.date_day is null
  and d.date_day > (select min(date_day) from dim_date)
