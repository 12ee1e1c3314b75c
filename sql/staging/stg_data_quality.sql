-- What sources said about the quality of their own figures. One row per source, stream, day and flag.
select
  'ga4' as source,
  stream,
  quality_date,
  flag,
  detail,
from stg_ga4__quality_flags
