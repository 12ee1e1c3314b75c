-- The hours of a day add up to that day, to the millionth. Only the last 7 days with hours are compared: older hours are not read again.
-- severity: warning
with

hours as (
  select
    source,
    account_id,
    spend_date,
    sum(cost_micros) as hour_micros,
  from stg_ad_hours
  group by source, account_id, spend_date
),

covered as (
  select
    source,
    account_id,
    greatest(min(spend_date), max(spend_date) - 6) as first_date,
    max(spend_date) as last_date,
  from hours
  group by source, account_id
),

days as (
  select
    source,
    account_id,
    spend_date,
    sum(cost_micros) as day_micros,
  from stg_ad_campaign_days
  group by source, account_id, spend_date
)

select
  d.source,
  d.account_id,
  d.spend_date,
  d.day_micros,
  coalesce(h.hour_micros, 0) as hour_micros,
from days as d
inner join covered as c
  on c.source = d.source
  and c.account_id = d.account_id
  and d.spend_date >= c.first_date
  and d.spend_date <= c.last_date
left join hours as h
  on h.source = d.source
  and h.account_id = d.account_id
  and h.spend_date = d.spend_date
where d.day_micros <> coalesce(h.hour_micros, 0)
