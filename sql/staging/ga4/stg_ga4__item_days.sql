-- One row per property-local day and item of GA4: seen, put into carts and bought (D-05).
-- grain: _key, _slice
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "date": "VARCHAR", "itemId": "VARCHAR", "itemName": "VARCHAR", "itemsViewed": "VARCHAR",
      "itemsAddedToCart": "VARCHAR", "itemsPurchased": "VARCHAR", "itemRevenue": "VARCHAR",
      "currencyCode": "VARCHAR", "subjectToThresholding": "BOOLEAN", "dataLossFromOtherRow": "BOOLEAN",
      "samplingMetadatas": [{"samplesReadCount": "VARCHAR", "samplingSpaceSize": "VARCHAR"}],
      "dataTruncationReasons": [{"dataTruncationType": "VARCHAR"}],
      "schemaRestrictionResponse": {"activeMetricRestrictions": [{"metricName": "VARCHAR"}]}
    }') as r,
  from raw.ga4__item_days
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
  r.itemId as item_id,
  r.itemName as item_name,
  ga4_count(r, 'itemsViewed', r.itemsViewed) as viewed_count,
  ga4_count(r, 'itemsAddedToCart', r.itemsAddedToCart) as carted_count,
  ga4_count(r, 'itemsPurchased', r.itemsPurchased) as purchased_count,
  minor_units(ga4_value(r, 'itemRevenue', r.itemRevenue), currency) as revenue_cents,
  ga4_flags(r, [r.itemId, r.itemName]) as quality_flags,
  currency,
from priced
