-- When known customers have ordered there are cohorts.
-- severity: warning
-- needs: fact_orders where is_counted and customer_id is not null (no known customer has ordered)
-- alias: cohorts_not_empty
select
  count(*) as orders_of_known_customers,
from fact_orders
where is_counted
  and customer_id is not null
  and not exists (select 1 from cohorts)
having count(*) > 0
