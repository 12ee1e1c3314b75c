-- What was put into carts that nobody bought, and taken out again (D-64), one row per event of a person who is known.
-- A cart is what a person added less what was removed, on all devices, since the last purchase or a pause longer than `streak_days` of the seed;
-- a later purchase of the person clears it. `cart_event_key` is the first event of the cart, `begun_at` when that was.
-- `move_number` is the event's place among the person's since the last purchase, that one included. A relation of its own, and narrow: what is
-- sorted here is out of memory before the items are looked at, and is not sorted there by five columns again.
-- grain: event_date, event_key
-- version: 2
-- may be empty
with

bought as (
  select
    e.person_key,
    max(e.event_at) as bought_at,
  from fact_events as e
  cross join int_limits__settled as l
  where e.event_kind = 'purchase'
    and e.person_key is not null
    and e.event_at < l.cut_off_at
  group by e.person_key
),

-- What was done before the last purchase is over; what was done at its very instant shows where the next cart begins.
moves as (
  select
    e.event_date, e.event_key, e.event_kind, e.event_at, e.batch_page, e.batch_ordering, e.batch_event, e.person_key, b.bought_at, l.streak_hours,
    lag(e.event_at) over (partition by e.person_key
      order by e.event_at, e.batch_page, e.batch_ordering, e.batch_event, e.event_key) as previous_at,
    lag(e.event_kind) over (partition by e.person_key
      order by e.event_at, e.batch_page, e.batch_ordering, e.batch_event, e.event_key) as previous_kind,
  from fact_events as e
  left join bought as b on b.person_key = e.person_key
  cross join int_limits__settled as l
  where e.event_kind in ('add_to_cart', 'remove_from_cart', 'purchase')
    and e.person_key is not null
    and e.event_at < l.cut_off_at
    and (b.bought_at is null or e.event_at >= b.bought_at)
),

begun as (
  select
    *,
    previous_at is null or previous_kind = 'purchase' or hours_between(previous_at, event_at) > streak_hours as is_first,
  from moves
),

numbered as (
  select
    *,
    sum(case when is_first then 1 else 0 end) over (partition by person_key
      order by event_at, batch_page, batch_ordering, batch_event, event_key rows between unbounded preceding and current row) as cart_number,
    row_number() over (partition by person_key
      order by event_at, batch_page, batch_ordering, batch_event, event_key) as move_number,
  from begun
),

placed as (
  select
    *,
    max(case when is_first then event_key end) over (partition by person_key, cart_number) as cart_event_key,
    min(event_at) over (partition by person_key, cart_number) as begun_at,
  from numbered
)

select
  event_date,
  event_key,
  cart_event_key,
  person_key,
  event_kind,
  event_at,
  begun_at,
  move_number,
from placed
where event_kind <> 'purchase'
  and (bought_at is null or bought_at < begun_at)
order by event_date, event_key
