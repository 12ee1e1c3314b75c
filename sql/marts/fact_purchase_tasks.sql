-- Purchases to follow up, one row per transaction, however often its page was loaded (D-63, D-64).
-- `value_cents` is what was paid less what went back by the build's cut-off; null where either is not told, or was told in another currency.
-- grain: task_key
-- version: 1
-- may be empty
with

bought as (
  select
    e.event_date, e.event_key, e.event_at, e.person_key, e.user_id, e.session_key, e.web_customer_id, e.default_branch_id,
    e.transaction_id, e.revenue_cents, e.currency, l.cut_off_at,
  from fact_events as e
  cross join int_limits__settled as l
  where e.event_kind = 'purchase'
    and e.event_at < l.cut_off_at
    and e.event_at >= l.kept_since_at
),

returned as (
  select
    r.transaction_id,
    total(r.refund_cents) as refund_cents,
    total(case when r.refund_cents is null then 1 else 0 end) as untold,
    min(r.currency) as currency,
    max(r.currency) as other_currency,
  from fact_events as r
  cross join int_limits__settled as l
  where r.event_kind = 'refund'
    and r.transaction_id is not null
    and r.event_at < l.cut_off_at
  group by r.transaction_id
),

-- Items of the same name are told once, with the quantity of all.
named as (
  select
    i.event_date,
    i.event_key,
    coalesce(i.item_name, i.item_id, 'unnamed item') as name,
    min(i.item_index) as place,
    count(*) as lines,
    total(coalesce(i.quantity, 1)) as pieces,
    total(case when i.price_cents is null then 1 else 0 end) as unpriced,
  from fact_event_items as i
  inner join bought as b
    on b.event_date = i.event_date
    and b.event_key = i.event_key
  where i.event_kind = 'purchase'
  group by i.event_date, i.event_key, coalesce(i.item_name, i.item_id, 'unnamed item')
),

listed as (
  select
    event_date,
    event_key,
    named_in_order(pieces || ' x ' || name, place) as items,
    total(lines) as item_count,
    total(pieces) as piece_count,
    total(unpriced) as unpriced_item_count,
  from named
  group by event_date, event_key
)

select
  task_key_of('purchase', coalesce('transaction ' || b.transaction_id, 'event ' || b.event_key)) as task_key,
  'purchase' as task_kind,
  b.event_date as task_date,
  b.event_at as happened_at,
  b.event_key,
  b.person_key,
  b.user_id,
  b.session_key,
  b.web_customer_id,
  b.default_branch_id,
  b.transaction_id as subject,
  case
    when r.transaction_id is null then b.revenue_cents
    when r.untold = 0 and r.currency = b.currency and r.other_currency = b.currency then b.revenue_cents - r.refund_cents
  end as value_cents,
  case
    when r.transaction_id is null then 0
    when r.untold = 0 and r.currency = b.currency and r.other_currency = b.currency then r.refund_cents
  end as refund_cents,
  b.currency,
  i.items,
  i.item_count,
  i.piece_count,
  i.unpriced_item_count,
  cast(null as bigint) as search_count,
  cast(null as bigint) as session_count,
  cast(null as bigint) as page_count,
  cast(null as bigint) as viewed_item_count,
  cast(null as bigint) as bounce_count,
from bought as b
left join returned as r on r.transaction_id = b.transaction_id
left join listed as i
  on i.event_date = b.event_date
  and i.event_key = b.event_key
order by task_key
