-- What the model of the earlier history expected of the days that were held out, and what came (D-58).
-- One row per number of orders after the first one by then; 7 stands for seven and more. squared_errors are of single customers, summed.
-- grain: repeat_count
-- version: 1
-- may be empty
with

classes as (
  select
    case when repeat_count > 7 then 7 else repeat_count end as repeat_count,
    horizon_days,
    customer_count,
    later_count,
    cast(customer_count * expected_orders as decimal(18, 6)) as expected_orders,
    cast(later_squares - 2 * expected_orders * later_count + customer_count * expected_orders * expected_orders as decimal(18, 6)) as squared_errors,
  from int_repeat_classes__computed
  where basis = 'held_out'
    and refused_because is null
)

select
  repeat_count,
  min(horizon_days) as horizon_days,
  total(customer_count) as customer_count,
  cast(sum(expected_orders) as double) as expected_orders,
  total(later_count) as order_count,
  cast(sum(squared_errors) as double) as squared_errors,
from classes
group by repeat_count
order by repeat_count
