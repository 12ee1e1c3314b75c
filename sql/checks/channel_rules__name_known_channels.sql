-- Every channel rule names a channel that dim_channel knows.
-- severity: critical
-- needs: seeds.channel_rules
select
  r.priority,
  r.kind,
  r.value,
  r.channel_id,
from seeds.channel_rules as r
left join dim_channel as c on c.channel_id = r.channel_id
where c.channel_id is null
