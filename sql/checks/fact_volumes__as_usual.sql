-- In the last 7 complete days no source has brought far less or far more than the same weekday usually does (D-41).
-- severity: warning
-- needs: fact_volumes where verdict in ('usual', 'low', 'high') and volume_date >= getvariable('as_of') - 7 (no source has enough volume and 4 weeks of history)
select
  relation,
  source,
  volume_date,
  volume,
  usual_volume,
  verdict,
from fact_volumes
where verdict in ('low', 'high')
  and volume_date >= getvariable('as_of') - 7
