-- Which days of ad spend are told by the hour and by the quarter of an hour, and why others are not (D-43). One row per day and platform.
-- A day of the shop is told when every day of an account that it touches is; where an account has no spend in it, zero is known.
-- hour_spend_cents is what the hours of the accounts' own day add up to, spend_cents the day itself: what they differ by is in no hour.
-- grain: spend_date, source
-- version: 1
with

landed as (
  select source, landed_date
  from int_days__landed
  where relation = 'fact_spend'
),

accounts as (
  select
    source,
    account_id,
    max(time_zone) as time_zone,
  from int_ad_days__zoned
  group by source, account_id
),

touched as (
  select
    l.source,
    a.account_id,
    l.landed_date as spend_date,
    coalesce(day_in(a.time_zone, start_of_hour(getvariable('time_zone'), l.landed_date, 0)), l.landed_date) as account_date,
  from landed as l
  inner join accounts as a on a.source = l.source

  union

  select
    l.source,
    a.account_id,
    l.landed_date,
    coalesce(day_in(a.time_zone, last_second(getvariable('time_zone'), l.landed_date)), l.landed_date),
  from landed as l
  inner join accounts as a on a.source = l.source
),

judged as (
  select
    t.source,
    t.spend_date,
    max(case
      when d.source is not null then d.why_no_hours
      when l.source is null then 'a day of an account that it touches has not landed'
    end) as why_no_hours,
    max(case
      when d.source is not null then d.why_no_quarters
      when l.source is null then 'a day of an account that it touches has not landed'
    end) as why_no_quarters,
  from touched as t
  left join int_ad_days__told as d
    on d.source = t.source
    and d.account_id = t.account_id
    and d.spend_date = t.account_date
  left join landed as l
    on l.source = t.source
    and l.landed_date = t.account_date
  group by t.source, t.spend_date
),

days as (
  select source, spend_date, total(spend_cents) as spend_cents
  from fact_spend
  where is_reporting_currency
  group by source, spend_date
),

hours as (
  select source, account_date, total(spend_cents) as spend_cents
  from fact_spend_hours
  where is_reporting_currency
  group by source, account_date
)

select
  j.spend_date,
  j.source,
  j.why_no_hours is null as is_told_by_hour,
  j.why_no_quarters is null as is_told_by_quarter,
  j.why_no_hours,
  j.why_no_quarters,
  cast(getvariable('currency') as varchar) as currency,
  coalesce(d.spend_cents, 0) as spend_cents,
  coalesce(h.spend_cents, 0) as hour_spend_cents,
from judged as j
left join days as d
  on d.source = j.source
  and d.spend_date = j.spend_date
left join hours as h
  on h.source = j.source
  and h.account_date = j.spend_date
order by j.spend_date, j.source
