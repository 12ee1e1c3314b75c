-- Every counted order is in the reporting currency; others are in no sum of money.
-- severity: warning
select
  currency,
  count(*) as orders,
from fact_orders
where is_counted
  and not is_reporting_currency
group by currency
