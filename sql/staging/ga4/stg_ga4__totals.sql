-- One row per property-local day of a GA4 property (D-05). Users are people of that one day: they cannot be added up over days,
-- and the users of a breakdown cannot be added up to these.
-- grain: _key, _slice
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "date": "VARCHAR", "sessions": "VARCHAR", "totalUsers": "VARCHAR", "newUsers": "VARCHAR", "engagedSessions": "VARCHAR",
      "ecommercePurchases": "VARCHAR", "purchaseRevenue": "VARCHAR",
      "currencyCode": "VARCHAR", "subjectToThresholding": "BOOLEAN", "dataLossFromOtherRow": "BOOLEAN",
      "samplingMetadatas": [{"samplesReadCount": "VARCHAR", "samplingSpaceSize": "VARCHAR"}],
      "dataTruncationReasons": [{"dataTruncationType": "VARCHAR"}],
      "schemaRestrictionResponse": {"activeMetricRestrictions": [{"metricName": "VARCHAR"}]}
    }') as r,
  from raw.ga4__totals
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
  ga4_count(r, 'sessions', r.sessions) as sessions,
  ga4_count(r, 'totalUsers', r.totalUsers) as day_users,
  ga4_count(r, 'newUsers', r.newUsers) as new_users,
  ga4_count(r, 'engagedSessions', r.engagedSessions) as engaged_sessions,
  ga4_count(r, 'ecommercePurchases', r.ecommercePurchases) as purchases,
  minor_units(ga4_value(r, 'purchaseRevenue', r.purchaseRevenue), currency) as revenue_cents,
  ga4_flags(r, [r.date]) as quality_flags,
  currency,
from priced
