-- Carts that somebody left with something in them (D-64), one row per cart, of all days.
-- One counts when the person was quiet for `tasks.cartQuietHours` of the config. This is the one place that says which they are: tasks, branches,
-- their mails and the metrics count these rows.
-- `abandoned_at` is when that quiet was over, which is when the cart counts; `touched_at` when something was put in or taken out last.
-- `value_cents` is price times quantity of what is left; null, and `unpriced_item_count` says so, where a price is not told or currencies differ.
-- grain: cart_key
-- version: 1
-- may be empty
with

seen as (
  select
    s.person_key,
    max(s.ended_at) as seen_at,
  from fact_sessions as s
  cross join int_limits__settled as l
  where s.started_at < l.cut_off_at
  group by s.person_key
),

summed as (
  select
    cart_key,
    event_key,
    person_key,
    begun_at,
    count(*) as item_count,
    total(quantity) as piece_count,
    total(case when price_cents is null then 1 else 0 end) as unpriced_item_count,
    total(price_cents * quantity) as value_cents,
    min(currency) as currency,
    max(currency) as other_currency,
    max(changed_at) as changed_at,
    named_in_order(quantity || ' x ' || coalesce(item_name, item_key), added_at) as items,
  from fact_cart_items
  group by cart_key, event_key, person_key, begun_at
),

-- Where the cart was touched last: whatever was taken out counts as well.
touched as (
  select
    c.cart_key,
    e.event_date,
    e.event_at,
    e.user_id,
    e.session_key,
    e.web_customer_id,
    e.default_branch_id,
    row_number() over (partition by c.cart_key
      order by e.event_at desc, e.batch_page desc, e.batch_ordering desc, e.batch_event desc, e.event_key) as from_end,
  from summed as c
  inner join fact_events as e
    on e.person_key = c.person_key
    and e.event_kind in ('add_to_cart', 'remove_from_cart')
    and e.event_at >= c.begun_at
    and e.event_at <= c.changed_at
),

-- The person's last sign of life counts, whether it was about the cart or a visit without it.
quiet as (
  select
    c.cart_key,
    case when s.seen_at > t.event_at then s.seen_at else t.event_at end as quiet_since_at,
  from summed as c
  inner join touched as t
    on t.cart_key = c.cart_key
    and t.from_end = 1
  left join seen as s on s.person_key = c.person_key
)

select
  c.cart_key,
  c.event_key,
  c.person_key,
  t.user_id,
  t.session_key,
  t.web_customer_id,
  t.default_branch_id,
  t.event_date as touched_date,
  t.event_at as touched_at,
  day_in_zone(hours_after(q.quiet_since_at, l.cart_quiet_hours)) as abandoned_date,
  hours_after(q.quiet_since_at, l.cart_quiet_hours) as abandoned_at,
  case when c.unpriced_item_count = 0 and c.currency = c.other_currency then c.value_cents end as value_cents,
  case when c.currency = c.other_currency then c.currency end as currency,
  c.items,
  c.item_count,
  c.piece_count,
  c.unpriced_item_count,
from summed as c
inner join touched as t
  on t.cart_key = c.cart_key
  and t.from_end = 1
inner join quiet as q on q.cart_key = c.cart_key
cross join int_limits__settled as l
where hours_after(q.quiet_since_at, l.cart_quiet_hours) < l.cut_off_at
order by c.cart_key
