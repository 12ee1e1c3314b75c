-- How finely the spend of an account's day is told within the day, or why it is not (D-43). told_by: the platform's own hours, else snapshots
-- of which none is more than an hour from the next; null: neither. is_by_quarter: none is more than a quarter of an hour from the next.
-- grain: source, account_id, spend_date
with

gaps as (
  select
    source,
    account_id,
    spend_date,
    max(minutes_between(previous_at, look_at)) as widest_minutes,
  from int_spend_looks__spaced
  group by source, account_id, spend_date
),

judged as (
  select
    d.source,
    d.account_id,
    d.spend_date,
    d.time_zone,
    case
      when d.has_hours and minutes_between(d.starts_at, d.ends_at) <= 1440 and time_in_zone(d.starts_at) like '%:00' then 'hours'
      when g.widest_minutes <= 60 then 'snapshots'
    end as told_by,
    coalesce(g.widest_minutes <= 15, false) as is_by_quarter,
    case
      when not d.is_platform_day then 'it comes from a file'
      when d.starts_at is null then 'the time zone of its account is not known'
      when g.widest_minutes is null then 'no snapshots'
      else 'snapshots ' || cast(g.widest_minutes as varchar) || ' minutes apart'
    end as no_snapshots,
    case
      when d.has_hours and minutes_between(d.starts_at, d.ends_at) > 1440 then 'one figure for the hour that is there twice'
      when d.has_hours and d.starts_at is not null then 'its hours begin within those of the shop'
    end as no_hours,
  from int_ad_days__zoned as d
  left join gaps as g
    on g.source = d.source
    and g.account_id = d.account_id
    and g.spend_date = d.spend_date
)

select
  source,
  account_id,
  spend_date,
  time_zone,
  told_by,
  is_by_quarter,
  case when told_by is null then coalesce(no_hours || ', ', '') || no_snapshots end as why_no_hours,
  case when not is_by_quarter then no_snapshots end as why_no_quarters,
from judged
