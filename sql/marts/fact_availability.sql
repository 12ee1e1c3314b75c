-- What there is: rows, first and last day of every public relation, and how many days are missing.
-- Missing days have not landed from any stream that feeds the relation, from its first day to the day before `as_of`; empty days have
-- landed and hold no row. Both are null where days mean nothing. One row per relation and source; `all` where rows name no source.
-- grain: relation, source
-- version: 1
with

dated as (
  select 'fact_orders' as relation, source, order_date as day, count(*) as row_count
  from fact_orders
  group by source, order_date

  union all

  select 'fact_order_lines', 'all', order_date, count(*)
  from fact_order_lines
  group by order_date

  union all

  select 'fact_refunds', 'all', refund_date, count(*)
  from fact_refunds
  group by refund_date

  union all

  select 'fact_spend', source, spend_date, count(*)
  from fact_spend
  group by source, spend_date

  union all

  select 'fact_ad_spend', source, spend_date, count(*)
  from fact_ad_spend
  group by source, spend_date

  union all

  select 'fact_spend_intraday', source, spend_date, count(*)
  from fact_spend_intraday
  group by source, spend_date

  union all

  select 'fact_traffic', source, traffic_date, count(*)
  from fact_traffic
  group by source, traffic_date

  union all

  select 'fact_events', 'ga4_events', event_date, count(*)
  from fact_events
  group by event_date

  union all

  select 'fact_daily_metrics', source, metric_date, count(*)
  from fact_daily_metrics
  group by source, metric_date

  union all

  select 'stg_rates', 'fx', rate_date, count(*)
  from stg_rates
  group by rate_date
),

undated as (
  select 'dim_customer' as relation, count(*) as row_count
  from dim_customer

  union all

  select 'dim_product', count(*)
  from dim_product

  union all

  select 'dim_campaign', count(*)
  from dim_campaign

  union all

  select 'cohorts', count(*)
  from cohorts
),

rows_of as (
  select
    relation,
    source,
    total(row_count) as row_count,
    min(day) as first_date,
    max(day) as last_date,
  from dated
  group by relation, source
),

gaps as (
  select
    relation,
    source,
    total(case when gap_kind = 'missing' then day_count else 0 end) as missing_day_count,
    total(case when gap_kind = 'empty' then day_count else 0 end) as empty_day_count,
  from fact_gaps
  group by relation, source
),

landed as (
  select distinct relation, source
  from int_days__landed
)

select
  coalesce(r.relation, l.relation) as relation,
  coalesce(r.source, l.source) as source,
  coalesce(r.row_count, 0) as row_count,
  r.first_date,
  r.last_date,
  case when l.relation is not null then coalesce(g.missing_day_count, 0) end as missing_day_count,
  case when l.relation is not null then coalesce(g.empty_day_count, 0) end as empty_day_count,
from rows_of as r
full outer join (select relation, source from landed where relation <> 'stg_web_purchases') as l
  on l.relation = r.relation
  and l.source = r.source
left join gaps as g
  on g.relation = coalesce(r.relation, l.relation)
  and g.source = coalesce(r.source, l.source)

union all

select
  relation,
  'all' as source,
  row_count,
  cast(null as date) as first_date,
  cast(null as date) as last_date,
  cast(null as bigint) as missing_day_count,
  cast(null as bigint) as empty_day_count,
from undated
order by relation, source
