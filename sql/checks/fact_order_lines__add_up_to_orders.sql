-- The lines of an order add up to its gross and its discounts; a cent per line may be rounding.
-- severity: warning
with

lines as (
  select
    order_id,
    sum(gross_cents) as gross_cents,
    sum(discount_cents) as discount_cents,
    count(*) as line_count,
  from fact_order_lines
  group by order_id
)

select
  o.order_id,
  o.gross_cents,
  l.gross_cents as gross_of_lines,
  o.discount_cents,
  l.discount_cents as discount_of_lines,
from fact_orders as o
inner join lines as l on l.order_id = o.order_id
where abs(o.gross_cents - l.gross_cents) > l.line_count
  or abs((o.gross_cents - o.discount_cents) - (l.gross_cents - l.discount_cents)) > l.line_count
