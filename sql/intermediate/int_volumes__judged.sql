-- Is a day's volume what this weekday usually brings? Orders and refunds by number, traffic by sessions, ad data by impressions, events by number.
-- Usual is the median of the same weekday in the 8 weeks before, as far as those days have landed; the spread is 1.4826 times the median
-- distance from it, and never below the square root of the usual volume, because counts are not steadier than that (D-41).
-- Beyond 3.5 spreads a day is low from a quarter less, high from double on: budgets and sales raise volumes, only a loss lowers them so.
-- It cannot be told with fewer than 4 such days before, or with less than 20 a day.
-- grain: relation, source, volume_date
with

counted as (
  select 'fact_orders' as relation, source, day_in_zone(processed_at) as day, count(*) as volume
  from stg_orders
  group by source, day_in_zone(processed_at)

  union all

  select 'fact_spend', source, spend_date, coalesce(total(impressions), 0)
  from stg_spend
  group by source, spend_date

  union all

  select 'fact_traffic', source, traffic_date, coalesce(total(sessions), 0)
  from stg_traffic
  group by source, traffic_date

  union all

  select 'fact_events', 'ga4_events', event_date, count(*)
  from stg_events
  group by event_date
),

-- A day that has landed without a row has a volume of zero; a day that has not landed has none.
daily as (
  select
    l.relation,
    l.source,
    l.landed_date as day,
    coalesce(c.volume, 0) as volume,
  from int_days__landed as l
  left join counted as c
    on c.relation = l.relation
    and c.source = l.source
    and c.day = l.landed_date
  where l.relation in ('fact_orders', 'fact_spend', 'fact_traffic', 'fact_events')
),

before as (
  select
    d.relation,
    d.source,
    d.day,
    d.volume,
    h.volume as volume_before,
  from daily as d
  cross join (values (1), (2), (3), (4), (5), (6), (7), (8)) as weeks(week)
  inner join daily as h
    on h.relation = d.relation
    and h.source = d.source
    and h.day = days_after(d.day, -7 * weeks.week)
),

usual as (
  select
    relation,
    source,
    day,
    middle(volume_before) as usual_volume,
    count(*) as history_day_count,
  from before
  group by relation, source, day
),

spread as (
  select
    b.relation,
    b.source,
    b.day,
    u.usual_volume,
    u.history_day_count,
    count_spread(middle(abs(b.volume_before - u.usual_volume)), u.usual_volume) as spread,
  from before as b
  inner join usual as u
    on u.relation = b.relation
    and u.source = b.source
    and u.day = b.day
  group by b.relation, b.source, b.day, u.usual_volume, u.history_day_count
)

select
  d.relation,
  d.source,
  d.day as volume_date,
  cast(d.volume as bigint) as volume,
  cast(s.usual_volume as double) as usual_volume,
  cast(s.spread as double) as spread,
  coalesce(s.history_day_count, 0) as history_day_count,
  case
    when coalesce(s.history_day_count, 0) < 4 then 'short_history'
    when s.usual_volume < 20 then 'small_volume'
    when s.usual_volume - d.volume > 3.5 * s.spread and d.volume * 4 <= s.usual_volume * 3 then 'low'
    when d.volume - s.usual_volume > 3.5 * s.spread and d.volume >= s.usual_volume * 2 then 'high'
    else 'usual'
  end as verdict,
from daily as d
left join spread as s
  on s.relation = d.relation
  and s.source = d.source
  and s.day = d.day
