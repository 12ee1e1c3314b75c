-- Customers who look alike to BG/NBD, with what the model of their basis expects of each (D-58): the chance that they still buy, and orders within
-- the horizon (a year; what was held out). One row per class; refused_because says why there is no model.
-- grain: basis, repeat_count, recency_days, age_days
-- computed: repeat_classes
select
  basis,
  repeat_count,
  recency_days,
  age_days,
  horizon_days,
  count(*) as customer_count,
  total(later_count) as later_count,
  total(later_count * later_count) as later_squares,
  cast(null as double) as p_alive,
  cast(null as double) as expected_orders,
  cast(null as double) as r,
  cast(null as double) as alpha,
  cast(null as double) as a,
  cast(null as double) as b,
  cast(null as double) as log_likelihood,
  cast(null as varchar) as refused_because,
from int_customers__recurring
group by
  basis,
  repeat_count,
  recency_days,
  age_days,
  horizon_days
