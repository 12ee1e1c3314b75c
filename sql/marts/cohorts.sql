-- Customers by the month of their first counted order: who came back, and what they were worth, within n days of it (D-16).
-- Only customers whose n days are over count (matured_<n>d); null, not zero, while nobody's are. Net is in the reporting currency.
-- One row per month of first order; spend_cents is all ad spend of that month, null where no spend is known.
-- grain: cohort_month
-- version: 2
with

spend as (
  select
    d.month_start as cohort_month,
    total(case when s.is_reporting_currency then s.spend_cents else 0 end) as spend_cents,
  from fact_spend as s
  inner join dim_date as d on d.date_day = s.spend_date
  group by d.month_start
)

select
  c.cohort_month,
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
inner join (select month_start, max(date_day) as last_day from dim_date group by month_start) as d
  on d.month_start = c.cohort_month
left join spend as s on s.cohort_month = c.cohort_month
group by c.cohort_month
order by c.cohort_month
