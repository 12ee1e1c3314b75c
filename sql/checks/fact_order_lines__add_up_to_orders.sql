-- The lines of an order add up to its gross and its discounts, in its own currency and converted (D-20); a cent per line may be rounding.
-- severity: warning
with

-- Of converted orders only. Asked for in the join, the condition would make it one of every order with every other.
staged_orders as (
  select
    order_id,
    gross_cents,
    discount_cents,
  from stg_orders
  where order_id in (select order_id from fact_orders where fx_date is not null)
),

staged as (
  select
    order_id,
    sum(gross_cents) as gross_cents,
    sum(discount_cents) as discount_cents,
  from stg_order_lines
  where order_id in (select order_id from fact_orders where fx_date is not null)
  group by order_id
),

lines as (
  select
    order_id,
    sum(gross_cents) as gross_cents,
    sum(discount_cents) as discount_cents,
    count(*) as line_count,
  from fact_order_lines
  group by order_id
),

-- What the lines lack of their order. A difference of the shop's own is worth more in a smaller unit: it is judged before conversion.
compared as (
  select
    o.order_id,
    o.gross_cents,
    l.gross_cents as gross_of_lines,
    o.discount_cents,
    l.discount_cents as discount_of_lines,
    l.line_count,
    coalesce(so.gross_cents, o.gross_cents) - coalesce(s.gross_cents, l.gross_cents) as gross_before,
    coalesce(so.discount_cents, o.discount_cents) - coalesce(s.discount_cents, l.discount_cents) as discount_before,
  from fact_orders as o
  inner join lines as l on l.order_id = o.order_id
  left join staged as s on s.order_id = o.order_id
  left join staged_orders as so on so.order_id = o.order_id
)

select
  order_id,
  gross_cents,
  gross_of_lines,
  discount_cents,
  discount_of_lines,
from compared
where abs(gross_before) > line_count
  or abs(gross_before - discount_before) > line_count
  or (
    gross_before = 0
    and discount_before = 0
    and (
      abs(gross_cents - gross_of_lines) > line_count
      or abs((gross_cents - discount_cents) - (gross_of_lines - discount_of_lines)) > line_count + 1
    )
  )
