-- One row per property-local day, channel group, source, medium and campaign of GA4 sessions (D-05).
-- A row is the report's row with the names of its dimensions and metrics.
-- grain: _key, _slice
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "date": "VARCHAR", "sessionDefaultChannelGroup": "VARCHAR", "sessionSource": "VARCHAR", "sessionMedium": "VARCHAR",
      "sessionCampaignName": "VARCHAR", "sessions": "VARCHAR", "engagedSessions": "VARCHAR",
      "itemsViewed": "VARCHAR", "itemViewEvents": "VARCHAR", "addToCarts": "VARCHAR", "checkouts": "VARCHAR",
      "ecommercePurchases": "VARCHAR", "purchaseRevenue": "VARCHAR", "currencyCode": "VARCHAR"
    }') as r,
  from raw.ga4__traffic_days
),

priced as (
  select
    _key,
    _slice,
    r,
    coalesce(r.currencyCode, getvariable('currency')) as currency,
  from parsed
)

select
  _key,
  _slice,
  cast(strptime(replace(r.date, '-', ''), '%Y%m%d') as date) as traffic_date,
  'ga4' as source,
  r.sessionDefaultChannelGroup as channel_group,
  r.sessionSource as session_source,
  r.sessionMedium as session_medium,
  r.sessionCampaignName as session_campaign,
  coalesce(cast(r.sessions as bigint), 0) as sessions,
  coalesce(cast(r.engagedSessions as bigint), 0) as engaged_sessions,
  coalesce(cast(r.itemViewEvents as bigint), cast(r.itemsViewed as bigint), 0) as product_views,
  coalesce(cast(r.addToCarts as bigint), 0) as add_to_carts,
  coalesce(cast(r.checkouts as bigint), 0) as checkouts,
  coalesce(cast(cast(r.ecommercePurchases as double) as bigint), 0) as purchases,
  coalesce(minor_units(r.purchaseRevenue, currency), 0) as revenue_cents,
  currency,
from priced
