-- One row per ad account, currency and time zone that it was ever seen with: after a change both rows are there (D-05, D-06).
-- grain: account_id, currency, time_zone
with

parsed as (
  select
    _key,
    _slice,
    _fetched_at,
    from_json(payload, '{
      "account_id": "VARCHAR", "name": "VARCHAR", "currency": "VARCHAR", "timezone_name": "VARCHAR", "account_status": "BIGINT"
    }') as a,
  from raw.meta_ads__accounts
)

select
  _key,
  _slice,
  'meta_ads' as source,
  a.account_id,
  a.name as account_name,
  a.currency,
  a.timezone_name as time_zone,
  a.account_status,
  cast(_fetched_at as timestamptz) as seen_at,
from parsed
