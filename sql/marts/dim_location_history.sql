-- Locations as the list named them, and from when to when (D-63). One row per location and state.
-- `valid_from` is the day on which the list was first read so, null: it was so when the list was first read; `valid_to` is the day on which it was
-- first read otherwise, null: it is so now. Whoever leaves the list ends and is kept. Days are the shop's.
-- grain: history_id
-- version: 1
-- may be empty
with

told as (
  select
    c.*,
    lead(seen_at) over (partition by location_id order by seen_at nulls first, change_id) as next_at,
  from int_locations__told as c
),

versions as (
  select
    change_id as history_id,
    location_id,
    day_in_zone(seen_at) as valid_from,
    day_in_zone(next_at) as valid_to,
    location_code,
    location_name,
    address1,
    address2,
    address3,
    zip,
    city,
    state,
    country,
    is_active,
  from told
  where change <> 'gone'

  union all

  -- What never changed.
  select
    'now:' || n.location_id,
    n.location_id,
    cast(null as date),
    cast(null as date),
    n.location_code,
    n.location_name,
    n.address1,
    n.address2,
    n.address3,
    n.zip,
    n.city,
    n.state,
    n.country,
    n.is_active,
  from stg_locations as n
  where not exists (
    select 1
    from told
    where told.location_id = n.location_id
  )
)

select
  history_id,
  location_id,
  valid_from,
  valid_to,
  location_code,
  location_name,
  address1,
  address2,
  address3,
  zip,
  city,
  state,
  country,
  coalesce(is_active, true) as is_active,
from versions
order by history_id
