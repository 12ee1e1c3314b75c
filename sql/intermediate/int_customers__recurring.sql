-- How often customers came back, as BG/NBD sees it (D-58): days with an order after the first one, and when, by the last complete day (now) and by
-- an earlier one (held_out), from which on later_count tells what came. Orders of one day are one; of more than 50,000 customers, days are told by whole
-- weeks, so that classes of them stay few. One row per basis and customer.
-- grain: basis, customer_id
with

days as (
  select
    i.customer_id,
    day_in_zone(o.processed_at) as order_date,
    total(case when c.currency = getvariable('currency') then c.gross_cents - c.discount_cents - c.refund_cents else 0 end) as net_cents,
  from int_orders__identified as i
  inner join stg_orders as o on o.order_id = i.order_id
  inner join int_orders__costed as c on c.order_id = i.order_id
  where i.is_counted
    and i.customer_id is not null
    and day_in_zone(o.processed_at) < getvariable('as_of')
  group by
    i.customer_id,
    day_in_zone(o.processed_at)
),

-- A third of the history is held out, half a year at most.
bases as (
  select
    'now' as basis,
    days_after(getvariable('as_of'), -1) as last_date,
    365 as horizon_days,
  union all
  select
    'held_out' as basis,
    days_after(getvariable('as_of'), -1 - horizon) as last_date,
    horizon as horizon_days,
  from (
    select
      case
        when days_between(min(order_date), getvariable('as_of')) >= 546 then 182
        else cast(floor(days_between(min(order_date), getvariable('as_of')) / 3) as integer)
      end as horizon,
    from days
  ) as held
  where horizon > 0
),

firsts as (
  select
    customer_id,
    min(order_date) as first_date,
  from days
  group by customer_id
),

counted as (
  select
    b.basis,
    b.horizon_days,
    d.customer_id,
    count(case when d.order_date <= b.last_date then 1 end) - 1 as repeat_count,
    days_between(f.first_date, max(case when d.order_date <= b.last_date then d.order_date end)) as recency_days,
    days_between(f.first_date, b.last_date) as age_days,
    coalesce(total(case when d.order_date > f.first_date and d.order_date <= b.last_date then d.net_cents end), 0) as repeat_cents,
    count(case when d.order_date > b.last_date then 1 end) as later_count,
    case when count(*) over (partition by b.basis) > 50000 then 7 else 1 end as class_days,
  from days as d
  inner join firsts as f on f.customer_id = d.customer_id
  inner join bases as b on f.first_date <= b.last_date
  group by
    b.basis,
    b.horizon_days,
    b.last_date,
    d.customer_id,
    f.first_date
)

select
  basis,
  customer_id,
  horizon_days,
  repeat_count,
  recency_days - recency_days % class_days as recency_days,
  age_days - age_days % class_days as age_days,
  repeat_cents,
  later_count,
from counted
