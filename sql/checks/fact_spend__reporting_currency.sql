-- All spend is in the reporting currency; other spend is in no sum of money.
-- severity: warning
select
  source,
  currency,
  count(*) as rows,
from fact_spend
where not is_reporting_currency
group by source, currency
