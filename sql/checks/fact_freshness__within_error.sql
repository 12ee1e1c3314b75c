-- No source is more complete days behind than its `freshness.errorAfterDays`: sync it, or look why its sync fails.
-- severity: error
-- needs: fact_freshness where freshness <> 'unknown' (no source that is judged has landed)
select
  source,
  stream,
  last_date,
  behind_day_count,
  error_after_days,
from fact_freshness
where freshness = 'error'
