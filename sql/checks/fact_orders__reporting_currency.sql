-- Every counted order is in the reporting currency or was converted into it; others are in no sum of money: give daily rates, `sources.fx`.
-- severity: warning
select
  currency,
  count(*) as orders,
  min(order_date) as first_day,
  max(order_date) as last_day,
  case
    when exists (select 1 from stg_rates) then 'no rate within 7 days: check `since` and `currencies` of sources.fx'
    else 'configure sources.fx'
  end as remedy,
from fact_orders
where is_counted
  and not is_reporting_currency
group by currency
