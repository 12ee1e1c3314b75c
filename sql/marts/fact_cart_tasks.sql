-- Abandoned carts as tasks (D-64), one row per cart: those of `fact_abandoned_carts` that were touched within the days that the config keeps.
-- grain: task_key
-- version: 1
-- may be empty
select
  c.cart_key as task_key,
  'cart' as task_kind,
  c.touched_date as task_date,
  c.touched_at as happened_at,
  c.event_key,
  c.person_key,
  c.user_id,
  c.session_key,
  c.web_customer_id,
  c.default_branch_id,
  cast(null as varchar) as subject,
  c.value_cents,
  cast(null as bigint) as refund_cents,
  c.currency,
  c.items,
  c.item_count,
  c.piece_count,
  c.unpriced_item_count,
  cast(null as bigint) as search_count,
  cast(null as bigint) as session_count,
  cast(null as bigint) as page_count,
  cast(null as bigint) as viewed_item_count,
  cast(null as bigint) as bounce_count,
from fact_abandoned_carts as c
cross join int_limits__settled as l
where c.touched_at >= l.kept_since_at
order by task_key
