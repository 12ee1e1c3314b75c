-- What is left in carts that nobody bought (D-64), one row per cart and item.
-- `fact_cart_moves` says what belongs to which cart. An item cannot be taken out below nothing. The price is the last one told, for one piece; null: none was told. `cart_key` is the task's key, made of the first event.
-- grain: cart_key, item_key
-- version: 1
-- may be empty
with

-- An event that names no item is about one piece of something.
pieces as (
  select
    m.person_key, m.cart_event_key, m.begun_at, m.event_at, m.move_number,
    coalesce(i.item_id, i.item_name, 'unnamed item') as item_key,
    i.item_id, i.item_name, i.price_cents, i.currency, i.item_index,
    case when m.event_kind = 'add_to_cart' then 1 else -1 end * coalesce(i.quantity, 1) as change,
  from fact_cart_moves as m
  left join fact_event_items as i
    on i.event_date = m.event_date
    and i.event_key = m.event_key
    and i.event_kind in ('add_to_cart', 'remove_from_cart')
),

-- The sums so far, so that what was taken out of nothing can be given back.
followed as (
  select
    *,
    sum(change) over (partition by cart_event_key, item_key order by move_number, item_index
      rows between unbounded preceding and current row) as so_far,
    row_number() over (partition by cart_event_key, item_key, price_cents is null
      order by move_number desc, item_index desc, cart_event_key) as price_back,
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
