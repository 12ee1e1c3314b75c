-- What events are about, one row per item of an event's list; `item_index` is its place from 1 on. The whole list is kept.
-- A price or quantity that the event does not tell is null: who needs a value takes a missing quantity for 1, as GA4 does, and says so;
-- a missing price makes the value unknown. Prices are for one piece, in minor units of `currency`.
-- Their order is that of the events and of their lists: nothing of this width is sorted.
-- grain: event_date, event_key, item_index
-- version: 1
with

listed as (
  select
    event_date,
    event_key,
    event_kind,
    event_at,
    session_key,
    person_key,
    currency,
    item_places(items) as item_index,
    item_rows(items) as item,
  from fact_events
)

select
  event_date,
  event_key,
  item_index,
  event_kind,
  event_at,
  session_key,
  person_key,
  item.item_id as item_id,
  item.item_name as item_name,
  item.item_category as item_category,
  item.item_variant as item_variant,
  item.price_cents as price_cents,
  item.quantity as quantity,
  currency,
from listed
