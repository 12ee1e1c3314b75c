-- Between the first day of a relation and its last one every day has landed; figures over a missing day are unknown.
-- severity: warning
-- needs: fact_availability where missing_day_count is not null (nothing has landed by day)
select
  g.relation,
  g.source,
  g.first_date,
  g.last_date,
  g.day_count,
from fact_gaps as g
inner join fact_availability as a
  on a.relation = g.relation
  and a.source = g.source
where g.gap_kind = 'missing'
  and g.first_date < a.last_date
