-- What was told of the parcels of orders, every change kept: who told it, when, and which word is the last about a parcel.
-- An order that nobody knows has no order_id: parcels may be told before the order. One row per word.
-- grain: fulfilment_event_id
-- version: 1
-- may be empty
with

ranked as (
  select
    f.fulfilment_event_id,
    f.source,
    f.parcel_ref,
    f.order_word,
    f.fulfilment_status,
    f.told_at,
    f.carrier,
    row_number() over (
      partition by f.source, f.order_word, coalesce(f.parcel_ref, '')
      order by f.told_at desc, f.fulfilment_event_id
    ) as newest_first,
  from stg_fulfilments as f
)

select
  r.fulfilment_event_id,
  r.source,
  w.order_id,
  r.order_word as order_ref,
  r.parcel_ref,
  r.fulfilment_status,
  r.carrier,
  r.told_at,
  day_in_zone(r.told_at) as told_date,
  r.newest_first = 1 as is_current,
from ranked as r
left join int_order_words__unique as w on w.order_word = r.order_word
order by r.told_at, r.fulfilment_event_id
