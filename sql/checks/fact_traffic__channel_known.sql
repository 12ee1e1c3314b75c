-- Every row of traffic has a channel that dim_channel knows.
-- severity: critical
-- alias: fk_traffic_channel
select
  t.traffic_date,
  t.source,
  t.channel_id,
from fact_traffic as t
left join dim_channel as c on c.channel_id = t.channel_id
where c.channel_id is null
