-- Customers who came back equally often and spent about the same then (classes of 1 %), with the Gamma-Gamma model of all of them (D-58).
-- Amounts are net, in the reporting currency; who brought nothing is not in it. One row per class.
-- grain: repeat_count, value_class
-- computed: repeat_values
select
  repeat_count,
  value_class(repeat_cents) as value_class,
  count(*) as customer_count,
  total(repeat_cents) as repeat_cents,
  cast(getvariable('currency') as varchar) as currency,
  cast(null as double) as p,
  cast(null as double) as q,
  cast(null as double) as v_cents,
  cast(null as double) as log_likelihood,
  cast(null as varchar) as refused_because,
from int_customers__recurring
where basis = 'now'
  and repeat_count > 0
  and repeat_cents > 0
group by
  repeat_count,
  value_class(repeat_cents)
