-- One row per property-local day, landing page, source and medium of GA4 sessions (D-05). The page is kept without its query:
-- campaigns are in traffic_days, and a query may name a person.
-- grain: _key, _slice
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "date": "VARCHAR", "landingPagePlusQueryString": "VARCHAR", "sessionSourceMedium": "VARCHAR", "sessions": "VARCHAR",
      "engagedSessions": "VARCHAR", "ecommercePurchases": "VARCHAR", "purchaseRevenue": "VARCHAR",
      "currencyCode": "VARCHAR", "subjectToThresholding": "BOOLEAN", "dataLossFromOtherRow": "BOOLEAN",
      "samplingMetadatas": [{"samplesReadCount": "VARCHAR", "samplingSpaceSize": "VARCHAR"}],
      "dataTruncationReasons": [{"dataTruncationType": "VARCHAR"}],
      "schemaRestrictionResponse": {"activeMetricRestrictions": [{"metricName": "VARCHAR"}]}
    }') as r,
  from raw.ga4__landing_pages
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
  split_part(split_part(r.landingPagePlusQueryString, '#', 1), '?', 1) as landing_page,
  split_part(r.sessionSourceMedium, ' / ', 1) as session_source,
  split_part(r.sessionSourceMedium, ' / ', 2) as session_medium,
  ga4_count(r, 'sessions', r.sessions) as sessions,
  ga4_count(r, 'engagedSessions', r.engagedSessions) as engaged_sessions,
  ga4_count(r, 'ecommercePurchases', r.ecommercePurchases) as purchases,
  minor_units(ga4_value(r, 'purchaseRevenue', r.purchaseRevenue), currency) as revenue_cents,
  ga4_flags(r, [r.landingPagePlusQueryString, r.sessionSourceMedium]) as quality_flags,
  currency,
from priced
