-- The days that are known for each relation and source, with or without rows: zero is known there, elsewhere nothing is.
-- A stream whose parts name no days (an export) answers for the days from its first row to its last. Days before `as_of` only.
-- grain: relation, source, landed_date
with

spans as (
  select
    s.source,
    s.stream,
    days_after(s.first_day, n.number) as day,
  from meta.sources as s
  inner join (select day_number as number from int_numbers__counted) as n
    on n.number <= days_between(s.first_day, s.last_day)
  where s.rows > 0
    and not exists (
      select 1
      from meta.coverage as c
      where c.source = s.source
        and c.stream = s.stream
    )
),

landed as (
  select source, stream, day
  from meta.coverage

  union all

  select source, stream, day
  from spans
),

-- A file of spend speaks for every platform that no stream of its own speaks for.
own as (
  select distinct f.relation, f.source
  from int_streams__feeding as f
  inner join meta.sources as s
    on s.source = f.landed_source
    and s.stream = f.stream
  where f.source is not null
),

others as (
  select distinct s.source
  from stg_spend as s
  where not exists (
    select 1
    from own
    where own.relation = 'fact_spend'
      and own.source = s.source
  )
),

named as (
  select relation, source, landed_source, stream
  from int_streams__feeding
  where source is not null

  union all

  select f.relation, o.source, f.landed_source, f.stream
  from int_streams__feeding as f
  cross join others as o
  where f.source is null
)

select distinct
  n.relation,
  n.source,
  l.day as landed_date,
from named as n
inner join landed as l
  on l.source = n.landed_source
  and l.stream = n.stream
where l.day < getvariable('as_of')
