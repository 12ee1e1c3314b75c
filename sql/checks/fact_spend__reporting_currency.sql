-- All spend is in the reporting currency or was converted into it; other spend is in no sum of money: give daily rates, `sources.fx`.
-- severity: warning
select
  source,
  currency,
  count(*) as rows,
  min(spend_date) as first_day,
  max(spend_date) as last_day,
  case
    when exists (select 1 from stg_rates) then 'no rate within 7 days: check `since` and `currencies` of sources.fx'
    else 'configure sources.fx'
  end as remedy,
from fact_spend
where not is_reporting_currency
group by source, currency
