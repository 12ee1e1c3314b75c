-- Ways through the channels with how often they were walked and how often they ended in an order. One row per way.
-- grain: path
select
  path,
  count(*) as journey_count,
  count(order_id) as conversion_count,
from int_journeys__pathed
group by path
