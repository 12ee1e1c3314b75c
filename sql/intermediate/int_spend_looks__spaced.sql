-- The moments between which the spend of an account's day is known: its snapshots, and the end of the day with the day's own figure (D-43).
-- A look at the platform before the account's first row of the day says that it had spent nothing: platforms name only what was shown.
-- grain: source, account_id, spend_date, look_at
with

own as (
  select distinct source, account_id, spend_date, snapshot_at
  from stg_spend_intraday
),

days as (
  select
    d.source,
    d.account_id,
    d.spend_date,
    d.starts_at,
    d.ends_at,
    min(o.snapshot_at) as first_own_at,
  from int_ad_days__zoned as d
  inner join own as o
    on o.source = d.source
    and o.account_id = d.account_id
    and o.spend_date = d.spend_date
  where d.is_platform_day
    and d.ends_at is not null
  group by d.source, d.account_id, d.spend_date, d.starts_at, d.ends_at
),

looks as (
  select d.source, d.account_id, d.spend_date, d.starts_at, d.ends_at, o.snapshot_at as look_at
  from days as d
  inner join own as o
    on o.source = d.source
    and o.account_id = d.account_id
    and o.spend_date = d.spend_date
    and o.snapshot_at < d.ends_at

  union

  select d.source, d.account_id, d.spend_date, d.starts_at, d.ends_at, o.snapshot_at
  from days as d
  inner join own as o
    on o.source = d.source
    and o.snapshot_at >= d.starts_at
    and o.snapshot_at < d.first_own_at

  union

  select source, account_id, spend_date, starts_at, ends_at, ends_at
  from days
)

select
  source,
  account_id,
  spend_date,
  look_at,
  coalesce(
    lag(look_at) over (partition by source, account_id, spend_date order by look_at),
    case when look_at < starts_at then look_at else starts_at end
  ) as previous_at,
  look_at = ends_at as is_end,
from looks
