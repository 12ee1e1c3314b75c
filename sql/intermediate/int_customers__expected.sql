-- What is expected of each customer within a year from the last complete day (D-58), or why nothing is. One row per customer with a counted
-- order on a complete day; the value is net revenue in minor units of the reporting currency, neither discounted nor less costs.
-- grain: customer_id
with

-- All classes hold the same model.
valued as (
  select
    min(p) as p,
    min(q) as q,
    min(v_cents) as v_cents,
    min(refused_because) as refused_because,
    count(*) as class_count,
  from int_repeat_values__computed
)

select
  r.customer_id,
  c.p_alive,
  c.expected_orders as expected_orders_12m,
  case
    when r.repeat_cents >= 0 then
      cast(round(c.expected_orders * v.p * (v.v_cents + r.repeat_cents) / (v.p * r.repeat_count + v.q - 1)) as bigint)
  end as expected_value_12m_cents,
  case
    when c.refused_because is not null then c.refused_because
    when v.class_count = 0 then 'too_few_repeaters'
    when v.refused_because is not null then v.refused_because
    when r.repeat_cents < 0 then 'returned_more'
    else 'modelled'
  end as expectation,
from int_customers__recurring as r
inner join int_repeat_classes__computed as c
  on c.basis = r.basis
  and c.repeat_count = r.repeat_count
  and c.recency_days = r.recency_days
  and c.age_days = r.age_days
cross join valued as v
where r.basis = 'now'
