-- The whole numbers from 0 to 99,999: 273 years of days.
-- grain: day_number
with

digits as (
  select digit
  from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as digits(digit)
)

select
  a.digit + 10 * b.digit + 100 * c.digit + 1000 * d.digit + 10000 * e.digit as day_number,
from digits as a
cross join digits as b
cross join digits as c
cross join digits as d
cross join digits as e
