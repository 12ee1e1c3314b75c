-- Cost rates in one row: the workspace's own figure, else the seed's (D-13). Shares are decimals; the fixed fee is minor units per order.
with

rates as (
  select
    coalesce(w.rate, s.rate) as rate,
    coalesce(w.value, s.value) as value,
  from meta.cost_rates as w
  full outer join seeds.cost_rates as s on s.rate = w.rate
)

select
  max(case when rate = 'default_margin' then value end) as default_margin,
  max(case when rate = 'shipping_share' then value end) as shipping_share,
  max(case when rate = 'ops_share' then value end) as ops_share,
  max(case when rate = 'payment_fee_share' then value end) as payment_fee_share,
  cast(max(case when rate = 'payment_fee_fixed' then value end) as bigint) as payment_fee_fixed,
from rates
