-- Every day of ad spend of an account, with the instants between which it lies (D-05, D-43). The zone is the one that its hours name, else the
-- newest that the account was seen with; null when that is none that is known. is_platform_day: the figures of the day are the platform's own, not those of a file (D-11).
-- grain: source, account_id, spend_date
with

zones as (
  select
    a.source,
    a.account_id,
    max(a.time_zone) as time_zone,
  from stg_ad_accounts as a
  inner join (
    select source, account_id, max(seen_at) as seen_at
    from stg_ad_accounts
    where time_zone is not null or unknown_time_zone is not null
    group by source, account_id
  ) as newest
    on newest.source = a.source
    and newest.account_id = a.account_id
    and newest.seen_at = a.seen_at
  group by a.source, a.account_id
),

hours as (
  select
    source,
    account_id,
    spend_date,
    max(time_zone) as time_zone,
    max(unknown_time_zone) as unknown_time_zone,
  from stg_ad_hours
  group by source, account_id, spend_date
),

days as (
  select
    s.source,
    coalesce(s.account_id, '') as account_id,
    s.spend_date,
    coalesce(max(h.time_zone), case when max(h.unknown_time_zone) is null then max(z.time_zone) end) as time_zone,
    max(h.account_id) is not null as has_hours,
  from stg_spend as s
  left join hours as h
    on h.source = s.source
    and h.account_id = s.account_id
    and h.spend_date = s.spend_date
  left join zones as z
    on z.source = s.source
    and z.account_id = s.account_id
  group by s.source, coalesce(s.account_id, ''), s.spend_date
)

select
  d.source,
  d.account_id,
  d.spend_date,
  d.time_zone,
  start_of_hour(d.time_zone, d.spend_date, 0) as starts_at,
  start_of_hour(d.time_zone, days_after(d.spend_date, 1), 0) as ends_at,
  d.has_hours,
  l.day is not null as is_platform_day,
from days as d
left join (
  select distinct source, day
  from meta.coverage
  where stream in ('insights', 'campaign_days')
) as l
  on l.source = d.source
  and l.day = d.spend_date
