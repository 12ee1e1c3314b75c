-- One row per property-local day, channel group, source, medium and campaign of GA4 sessions (D-05).
-- A row is the report's row with the names of its dimensions and metrics; what GA4 withholds is null.
-- grain: _key, _slice
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "date": "VARCHAR", "sessionDefaultChannelGroup": "VARCHAR", "sessionSource": "VARCHAR", "sessionMedium": "VARCHAR",
      "sessionCampaignName": "VARCHAR", "sessions": "VARCHAR", "engagedSessions": "VARCHAR", "keyEvents": "VARCHAR",
      "itemsViewed": "VARCHAR", "itemViewEvents": "VARCHAR", "addToCarts": "VARCHAR", "checkouts": "VARCHAR",
      "ecommercePurchases": "VARCHAR", "purchaseRevenue": "VARCHAR",
      "currencyCode": "VARCHAR", "subjectToThresholding": "BOOLEAN", "dataLossFromOtherRow": "BOOLEAN",
      "samplingMetadatas": [{"samplesReadCount": "VARCHAR", "samplingSpaceSize": "VARCHAR"}],
      "dataTruncationReasons": [{"dataTruncationType": "VARCHAR"}],
      "schemaRestrictionResponse": {"activeMetricRestrictions": [{"metricName": "VARCHAR"}]}
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
  compact_day(r.date) as traffic_date,
  'ga4' as source,
  r.sessionDefaultChannelGroup as channel_group,
  r.sessionSource as session_source,
  r.sessionMedium as session_medium,
  r.sessionCampaignName as session_campaign,
  ga4_count(r, 'sessions', r.sessions) as sessions,
  ga4_count(r, 'engagedSessions', r.engagedSessions) as engaged_sessions,
  ga4_count(r, 'keyEvents', r.keyEvents) as key_events,
  coalesce(ga4_count(r, 'itemViewEvents', r.itemViewEvents), ga4_count(r, 'itemsViewed', r.itemsViewed)) as product_views,
  ga4_count(r, 'addToCarts', r.addToCarts) as add_to_carts,
  ga4_count(r, 'checkouts', r.checkouts) as checkouts,
  ga4_count(r, 'ecommercePurchases', r.ecommercePurchases) as purchases,
  minor_units(ga4_value(r, 'purchaseRevenue', r.purchaseRevenue), currency) as revenue_cents,
  ga4_flags(r, [r.sessionSource, r.sessionMedium, r.sessionCampaignName]) as quality_flags,
  currency,
from priced
