-- What GA4 said about the quality of its own figures. One row per stream, property-local day and flag (D-05).
-- grain: stream, quality_date, flag
with

flagged as (
  select
    'traffic_days' as stream,
    traffic_date as quality_date,
    unnest(quality_flags) as found,
  from stg_ga4__traffic_days

  union all

  select
    'landing_pages' as stream,
    traffic_date as quality_date,
    unnest(quality_flags) as found,
  from stg_ga4__landing_pages

  union all

  select
    'totals' as stream,
    traffic_date as quality_date,
    unnest(quality_flags) as found,
  from stg_ga4__totals

  union all

  select
    'item_days' as stream,
    traffic_date as quality_date,
    unnest(quality_flags) as found,
  from stg_ga4__item_days

  union all

  select
    'transactions' as stream,
    traffic_date as quality_date,
    unnest(quality_flags) as found,
  from stg_ga4__transactions
)

select
  stream,
  quality_date,
  found.flag as flag,
  min(found.detail) as detail,
from flagged
group by stream, quality_date, found.flag
