-- The sum over days of the calendar equals the sum over orders as staged: no order is lost, doubled or without a day.
-- Orders that were converted (D-20) are counted, not added.
-- severity: critical
-- needs: stg_orders
with

by_day as (
  select
    sum(case when f.fx_date is null then f.gross_cents else 0 end) as gross_cents,
    sum(case when f.fx_date is null then f.discount_cents else 0 end) as discount_cents,
    count(*) as orders,
  from dim_date as d
  inner join fact_orders as f on f.order_date = d.date_day
),

staged as (
  select
    sum(case when x.order_id is null then s.gross_cents else 0 end) as gross_cents,
    sum(case when x.order_id is null then s.discount_cents else 0 end) as discount_cents,
    count(*) as orders,
  from stg_orders as s
  left join (select distinct order_id from fact_orders where fx_date is not null) as x on x.order_id = s.order_id
)

select
  by_day.gross_cents as gross_by_day,
  staged.gross_cents as gross_of_orders,
  by_day.discount_cents as discounts_by_day,
  staged.discount_cents as discounts_of_orders,
  by_day.orders as orders_by_day,
  staged.orders as orders,
from by_day
cross join staged
where by_day.gross_cents is distinct from staged.gross_cents
  or by_day.discount_cents is distinct from staged.discount_cents
  or by_day.orders <> staged.orders
