-- What single purchases in web analytics add to the bridge from the shop to them (D-40): booked on another day than the order, twice,
-- without an order, for a test order, or with another value than the goods. One row per system, day and step, more than one may be alike.
with

pairs as (
  select
    m.source,
    m.purchase_date,
    m.is_repeated,
    m.order_id,
    case when m.is_reporting_currency then m.revenue_cents end as revenue_cents,
    day_in_zone(o.processed_at) as order_date,
    o.is_test,
    case when c.currency = getvariable('currency') then c.gross_cents - c.discount_cents end as goods_cents,
    c.tax_cents,
    c.shipping_cents,
  from int_web_purchases__matched as m
  left join stg_orders as o on o.order_id = m.order_id
  left join int_orders__costed as c on c.order_id = m.order_id
),

once as (
  select
    source,
    purchase_date,
    order_date,
    is_test,
    goods_cents,
    revenue_cents - goods_cents as difference_cents,
    tax_cents,
    shipping_cents,
  from pairs
  where order_id is not null
    and not is_repeated
),

-- A difference is tax or shipping when it is exactly that.
valued as (
  select
    source,
    purchase_date,
    case when difference_cents in (tax_cents, tax_cents + shipping_cents) then tax_cents else 0 end as tax_cents,
    case when difference_cents in (shipping_cents, tax_cents + shipping_cents) then shipping_cents else 0 end as shipping_cents,
    difference_cents,
  from once
  where difference_cents <> 0
)

select source as system, purchase_date as day, 'other_day' as step, 1 as orders, coalesce(goods_cents, 0) as amount_cents
from once
where purchase_date <> order_date
  and not is_test

union all

select source, order_date, 'other_day', -1, -coalesce(goods_cents, 0)
from once
where purchase_date <> order_date
  and not is_test

union all

select source, purchase_date, 'test', 1, coalesce(goods_cents, 0)
from once
where is_test

union all

select source, purchase_date, 'repeated', 1, coalesce(revenue_cents, 0)
from pairs
where is_repeated

union all

select source, purchase_date, 'no_order', 1, coalesce(revenue_cents, 0)
from pairs
where order_id is null
  and not is_repeated

union all

select source, purchase_date, 'tax', 0, tax_cents
from valued

union all

select source, purchase_date, 'shipping', 0, shipping_cents
from valued

union all

select source, purchase_date, 'other_value', 0, difference_cents - tax_cents - shipping_cents
from valued
