-- Every word about an order's parcels, of the shop's webhooks and of whoever else ships. One row per word.
-- grain: fulfilment_event_id
select
  'fulfilments:' || _key as fulfilment_event_id,
  'fulfilments' as source,
  parcel_ref,
  order_word,
  fulfilment_status,
  told_at,
  carrier,
from stg_fulfilments__events

union all

select
  'shopify:' || _key as fulfilment_event_id,
  'shopify' as source,
  parcel_ref,
  order_word,
  fulfilment_status,
  told_at,
  carrier,
from stg_shopify_webhooks__fulfilment_events
