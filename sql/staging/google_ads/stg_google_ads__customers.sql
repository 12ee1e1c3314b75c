-- One row per customer account of Google Ads, as it is now, or as it was when it could last be read.
-- grain: account_id
with

parsed as (
  select
    _key,
    _slice,
    _fetched_at,
    from_json(payload, '{
      "customer": {
        "id": "VARCHAR", "descriptiveName": "VARCHAR", "currencyCode": "VARCHAR", "timeZone": "VARCHAR", "status": "VARCHAR",
        "testAccount": "BOOLEAN", "autoTaggingEnabled": "BOOLEAN"
      }
    }') as r,
  from raw.google_ads__customers
)

select
  _key,
  _slice,
  'google_ads' as source,
  r.customer.id as account_id,
  clean_text(r.customer.descriptiveName) as account_name,
  r.customer.currencyCode as currency,
  r.customer.timeZone as time_zone,
  r.customer.status as account_status,
  r.customer.testAccount as is_test,
  r.customer.autoTaggingEnabled as has_auto_tagging,
  cast(_fetched_at as timestamptz) as seen_at,
from parsed
