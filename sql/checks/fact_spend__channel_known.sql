-- Every row of spend has a channel that dim_channel knows.
-- severity: critical
-- alias: fk_spend_channel
select
  s.spend_date,
  s.campaign_key,
  s.channel_id,
from fact_spend as s
left join dim_channel as c on c.channel_id = s.channel_id
where c.channel_id is null
