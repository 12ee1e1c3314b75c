-- One row per property-local day and transaction id of GA4, to be held against the shop's orders (D-05).
-- grain: _key, _slice
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "date": "VARCHAR", "transactionId": "VARCHAR", "purchaseRevenue": "VARCHAR", "refundAmount": "VARCHAR",
      "shippingAmount": "VARCHAR", "taxAmount": "VARCHAR",
      "currencyCode": "VARCHAR", "subjectToThresholding": "BOOLEAN", "dataLossFromOtherRow": "BOOLEAN",
      "samplingMetadatas": [{"samplesReadCount": "VARCHAR", "samplingSpaceSize": "VARCHAR"}],
      "dataTruncationReasons": [{"dataTruncationType": "VARCHAR"}],
      "schemaRestrictionResponse": {"activeMetricRestrictions": [{"metricName": "VARCHAR"}]}
    }') as r,
  from raw.ga4__transactions
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
  nullif(r.transactionId, '(not set)') as transaction_id,
  minor_units(ga4_value(r, 'purchaseRevenue', r.purchaseRevenue), currency) as revenue_cents,
  minor_units(ga4_value(r, 'refundAmount', r.refundAmount), currency) as refund_cents,
  minor_units(ga4_value(r, 'shippingAmount', r.shippingAmount), currency) as shipping_cents,
  minor_units(ga4_value(r, 'taxAmount', r.taxAmount), currency) as tax_cents,
  ga4_flags(r, [r.transactionId]) as quality_flags,
  currency,
from priced
