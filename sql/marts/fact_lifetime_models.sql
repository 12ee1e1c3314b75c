-- The models behind what is expected of customers (D-58).
-- BG/NBD of all history (now) and of the part before what was held out (held_out), in weeks; Gamma-Gamma of all history, whose v is in minor
-- units. One row per basis; without a model the parameters are null and the reason is told.
-- grain: basis
-- version: 1
-- may be empty
with

repeats as (
  select
    basis,
    min(horizon_days) as horizon_days,
    total(customer_count) as customer_count,
    total(case when repeat_count > 0 then customer_count else 0 end) as repeater_count,
    min(r) as r,
    min(alpha) as alpha,
    min(a) as a,
    min(b) as b,
    min(log_likelihood) as log_likelihood,
    min(refused_because) as refused_because,
  from int_repeat_classes__computed
  group by basis
),

amounts as (
  select
    'now' as basis,
    total(customer_count) as customer_count,
    min(p) as p,
    min(q) as q,
    min(v_cents) as v_cents,
    min(log_likelihood) as log_likelihood,
    min(refused_because) as refused_because,
  from int_repeat_values__computed
)

select
  r.basis,
  r.horizon_days,
  r.customer_count,
  r.repeater_count,
  r.r,
  r.alpha as alpha_weeks,
  r.a,
  r.b,
  r.log_likelihood,
  r.refused_because,
  v.customer_count as value_customer_count,
  v.p as value_p,
  v.q as value_q,
  v.v_cents as value_v,
  v.log_likelihood as value_log_likelihood,
  v.refused_because as value_refused_because,
from repeats as r
left join amounts as v on v.basis = r.basis
order by r.basis
