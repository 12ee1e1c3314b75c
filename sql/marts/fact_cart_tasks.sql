-- Carts that somebody left with something in them (D-64), one row per cart: not before the person was quiet for `tasks.cartQuietHours` of the config.
-- `value_cents` is price times quantity of what is left; null, and `unpriced_item_count` says so, where a price is not told or currencies differ.
-- grain: task_key
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
)

select
  c.cart_key as task_key,
  'cart' as task_kind,
  t.event_date as task_date,
  t.event_at as happened_at,
  c.event_key,
  c.person_key,
  t.user_id,
  t.session_key,
  t.web_customer_id,
  t.default_branch_id,
  cast(null as varchar) as subject,
  case when c.unpriced_item_count = 0 and c.currency = c.other_currency then c.value_cents end as value_cents,
  cast(null as bigint) as refund_cents,
  case when c.currency = c.other_currency then c.currency end as currency,
  c.items,
  c.item_count,
  c.piece_count,
  c.unpriced_item_count,
  cast(null as bigint) as search_count,
  cast(null as bigint) as session_count,
  cast(null as bigint) as page_count,
  cast(null as bigint) as viewed_item_count,
  cast(null as bigint) as bounce_count,
from summed as c
inner join touched as t
  on t.cart_key = c.cart_key
  and t.from_end = 1
cross join int_limits__settled as l
left join seen as s on s.person_key = c.person_key
where hours_between(t.event_at, l.cut_off_at) >= l.cart_quiet_hours
  and coalesce(hours_between(s.seen_at, l.cut_off_at) >= l.cart_quiet_hours, true)
  and t.event_at >= l.kept_since_at
order by task_key
