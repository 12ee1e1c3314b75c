-- How far each source is behind: complete days before `as_of` that its newest landed day lacks, against the limits of the config.
-- Only streams that feed public relations are judged. `unknown`: configured, and no such stream has landed; or there are no limits.
-- One row per configured source and stream; the stream is `any` where none has landed.
-- grain: source, stream
-- version: 1
-- may be empty
with

feeding as (
  select distinct landed_source as source, stream
  from int_streams__feeding
),

landed as (
  select
    s.source,
    s.stream,
    s.last_day as last_date,
    case
      when days_after(s.last_day, 1) >= getvariable('as_of') then 0
      else days_between(s.last_day, getvariable('as_of')) - 1
    end as behind_day_count,
  from meta.sources as s
  inner join feeding as f
    on f.source = s.source
    and f.stream = s.stream
  where s.last_day is not null
),

waiting as (
  select
    c.source,
    'any' as stream,
  from meta.configured as c
  where c.source in (select source from feeding)
    and c.source not in (select source from landed)
)

select
  s.source,
  s.stream,
  s.last_date,
  s.behind_day_count,
  f.warn_after_days,
  f.error_after_days,
  case
    when s.behind_day_count is null or f.warn_after_days is null then 'unknown'
    when s.behind_day_count > f.error_after_days then 'error'
    when s.behind_day_count > f.warn_after_days then 'warning'
    else 'fresh'
  end as freshness,
from (
  select source, stream, last_date, cast(behind_day_count as bigint) as behind_day_count
  from landed

  union all

  select source, stream, cast(null as date) as last_date, cast(null as bigint) as behind_day_count
  from waiting
) as s
inner join meta.configured as c on c.source = s.source
left join meta.freshness as f on f.source = s.source
order by s.source, s.stream
