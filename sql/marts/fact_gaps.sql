-- Runs of days without data, from the first landed day of a relation to the day before `as_of`.
-- `missing`: no stream has delivered these days, nothing is known of them. `empty`: they have landed and hold no row.
-- One row per relation, source and run of days; empty days only of orders, ad spend and traffic, which have rows every day.
-- grain: relation, source, first_date
-- version: 1
-- may be empty
with

begun as (
  select
    relation,
    source,
    min(landed_date) as first_date,
  from int_days__landed
  group by relation, source
),

filled as (
  select distinct 'fact_orders' as relation, source, order_date as day
  from fact_orders

  union all

  select distinct 'fact_spend', source, spend_date
  from fact_spend

  union all

  select distinct 'fact_traffic', source, traffic_date
  from fact_traffic
),

-- A relation of which nothing has landed has no first day, and is in no row here.
without as (
  select
    b.relation,
    b.source,
    d.date_day as day,
    case when l.landed_date is null then 'missing' else 'empty' end as gap_kind,
  from begun as b
  inner join dim_date as d
    on d.date_day >= b.first_date
    and d.date_day < getvariable('as_of')
  left join int_days__landed as l
    on l.relation = b.relation
    and l.source = b.source
    and l.landed_date = d.date_day
  left join filled as f
    on f.relation = b.relation
    and f.source = b.source
    and f.day = d.date_day
  where l.landed_date is null
    or (b.relation in ('fact_orders', 'fact_spend', 'fact_traffic') and f.day is null)
),

runs as (
  select
    relation,
    source,
    gap_kind,
    day,
    days_after(day, -row_number() over (partition by relation, source, gap_kind order by day, source_key)) as run,
  from (select *, source as source_key from without) as keyed
)

select
  relation,
  source,
  min(day) as first_date,
  max(day) as last_date,
  gap_kind,
  count(*) as day_count,
from runs
group by relation, source, gap_kind, run
order by relation, source, first_date
