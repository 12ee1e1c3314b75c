-- What is left in carts that nobody bought (D-64), one row per cart and item.
-- A cart is what a person added less what was removed, on all devices, since the last purchase or a pause longer than `streak_days` of the seed; a later purchase of the person clears it. An item cannot be
-- taken out below nothing. The price is the last one told, for one piece; null: none was told. `cart_key` is the task's key, made of the first event.
-- grain: cart_key, item_key
-- version: 1
-- may be empty
with

moves as (
  select
    e.event_date, e.event_key, e.event_kind, e.event_at, e.batch_page, e.batch_ordering, e.batch_event, e.person_key, l.streak_hours,
    max(case when e.event_kind = 'purchase' then e.event_at end) over (partition by e.person_key) as bought_at,
    lag(e.event_at) over (partition by e.person_key
      order by e.event_at, e.batch_page, e.batch_ordering, e.batch_event, e.event_key) as previous_at,
    lag(e.event_kind) over (partition by e.person_key
      order by e.event_at, e.batch_page, e.batch_ordering, e.batch_event, e.event_key) as previous_kind,
  from fact_events as e
  cross join int_limits__settled as l
  where e.event_kind in ('add_to_cart', 'remove_from_cart', 'purchase')
    and e.person_key is not null
    and e.event_at < l.cut_off_at
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
  from begun
),

open_moves as (
  select
    *,
    max(case when is_first then event_key end) over (partition by person_key, cart_number) as cart_event_key,
    min(event_at) over (partition by person_key, cart_number) as begun_at,
  from numbered
),

-- An event that names no item is about one piece of something.
pieces as (
  select
    m.person_key, m.cart_event_key, m.begun_at, m.event_at, m.batch_page, m.batch_ordering, m.batch_event, m.event_key,
    coalesce(i.item_id, i.item_name, 'unnamed item') as item_key,
    i.item_id, i.item_name, i.price_cents, i.currency, i.item_index,
    case when m.event_kind = 'add_to_cart' then 1 else -1 end * coalesce(i.quantity, 1) as change,
  from open_moves as m
  left join fact_event_items as i
    on i.event_date = m.event_date
    and i.event_key = m.event_key
    and i.event_kind in ('add_to_cart', 'remove_from_cart')
  where m.event_kind <> 'purchase'
    and (m.bought_at is null or m.bought_at < m.begun_at)
),

-- The sums so far, so that what was taken out of nothing can be given back.
followed as (
  select
    *,
    sum(change) over (partition by cart_event_key, item_key order by event_at, batch_page, batch_ordering, batch_event, event_key, item_index
      rows between unbounded preceding and current row) as so_far,
    row_number() over (partition by cart_event_key, item_key, price_cents is null
      order by event_at desc, batch_page desc, batch_ordering desc, batch_event desc, item_index desc, event_key) as price_back,
  from pieces
),

left_over as (
  select
    person_key,
    cart_event_key,
    item_key,
    max(item_id) as item_id,
    max(item_name) as item_name,
    min(begun_at) as begun_at,
    max(event_at) as changed_at,
    min(event_at) as added_at,
    total(change) - case when min(so_far) < 0 then cast(min(so_far) as bigint) else 0 end as quantity,
    max(case when price_back = 1 then price_cents end) as price_cents,
    max(case when price_back = 1 and price_cents is not null then currency end) as currency,
  from followed
  group by person_key, cart_event_key, item_key
)

select
  task_key_of('cart', cart_event_key) as cart_key,
  item_key,
  cart_event_key as event_key,
  person_key,
  item_id,
  item_name,
  quantity,
  price_cents,
  currency,
  begun_at,
  added_at,
  changed_at,
from left_over
where quantity > 0
order by cart_key, item_key
