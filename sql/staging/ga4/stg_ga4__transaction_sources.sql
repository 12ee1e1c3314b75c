-- One row per property-local day, transaction id and the source of its session in GA4: where the visit with the purchase came from (D-47).
-- What GA4 writes in brackets is no name: (direct) is a visit from nowhere, everything else in brackets is not known.
-- grain: _key, _slice
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "date": "VARCHAR", "transactionId": "VARCHAR", "sessionSource": "VARCHAR", "sessionMedium": "VARCHAR",
      "sessionCampaignName": "VARCHAR"
    }') as r,
  from raw.ga4__transaction_sources
)

select
  _key,
  _slice,
  compact_day(r.date) as traffic_date,
  _key as session_key,
  order_number(nullif(r.transactionId, '(not set)')) as order_word,
  lower(r.sessionSource) = '(direct)' as is_direct,
  case when r.sessionSource not like '(%' then clean_text(r.sessionSource) end as session_source,
  case when r.sessionMedium not like '(%' then clean_text(r.sessionMedium) end as session_medium,
  case when r.sessionCampaignName not like '(%' then clean_text(r.sessionCampaignName) end as campaign_name,
from parsed
