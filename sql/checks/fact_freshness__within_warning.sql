-- No source is more complete days behind than its `freshness.warnAfterDays`.
-- severity: warning
-- needs: fact_freshness where freshness <> 'unknown' (no source that is judged has landed)
select
  source,
  stream,
  last_date,
  behind_day_count,
  warn_after_days,
from fact_freshness
where freshness = 'warning'
