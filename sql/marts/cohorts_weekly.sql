-- Customers by the week of their first counted order, weeks ending on the workspace's own day: the columns of cohorts (D-16).
-- One row per week of first order; cohort_week is its first day, spend_cents all ad spend of that week, null where no spend is known.
-- grain: cohort_week
-- version: 1
with

spend as (
  select
    d.week_start as cohort_week,
    total(case when s.is_reporting_currency then s.spend_cents else 0 end) as spend_cents,
  from fact_spend as s
  inner join dim_date as d on d.date_day = s.spend_date
  group by d.week_start
)

select
  c.cohort_week,
  count(*) as cohort_size,
  days_between(max(d.last_day), max(getvariable('as_of'))) as age_days,
  cast(getvariable('currency') as varchar) as currency,
  max(s.spend_cents) as spend_cents,
  total(case when c.lived_days > 7 then cast(c.has_reordered_7d as integer) end) as retained_7d,
  total(case when c.lived_days > 7 then 1 else 0 end) as matured_7d,
  total(case when c.lived_days > 30 then cast(c.has_reordered_30d as integer) end) as retained_30d,
  total(case when c.lived_days > 30 then 1 else 0 end) as matured_30d,
  total(case when c.lived_days > 60 then cast(c.has_reordered_60d as integer) end) as retained_60d,
  total(case when c.lived_days > 60 then 1 else 0 end) as matured_60d,
  total(case when c.lived_days > 90 then cast(c.has_reordered_90d as integer) end) as retained_90d,
  total(case when c.lived_days > 90 then 1 else 0 end) as matured_90d,
  total(case when c.lived_days > 180 then 1 else 0 end) as matured_180d,
  total(case when c.lived_days > 365 then 1 else 0 end) as matured_365d,
  total(case when c.lived_days > 30 then c.net_30d_cents end) as net_30d_cents,
  total(case when c.lived_days > 60 then c.net_60d_cents end) as net_60d_cents,
  total(case when c.lived_days > 90 then c.net_90d_cents end) as net_90d_cents,
  total(case when c.lived_days > 180 then c.net_180d_cents end) as net_180d_cents,
  total(case when c.lived_days > 365 then c.net_365d_cents end) as net_365d_cents,
  total(case when c.lived_days > 30 then c.contribution_30d_cents end) as contribution_30d_cents,
from cohort_customers as c
inner join (select week_start, max(date_day) as last_day from dim_date group by week_start) as d
  on d.week_start = c.cohort_week
left join spend as s on s.cohort_week = c.cohort_week
group by c.cohort_week
order by c.cohort_week
