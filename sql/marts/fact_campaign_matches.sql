-- Labels of visits (campaign, ad set, ad) and the entity of an ad account that each is taken for (D-49). One row per label.
-- The best candidate of each, and whether figures use it: ids, exact names, what somebody accepted, and a likeness from 92 on that no
-- second one comes near; the rest waits for a decision. `entity_key` is null where nothing is alike.
-- grain: channel_id, entity_level, label
-- version: 1
-- may be empty
select
  m.channel_id,
  m.entity_level,
  m.label,
  m.match_kind,
  m.match_score,
  m.entity_key,
  e.entity_name,
  e.campaign_key,
  e.adset_key,
  e.ad_key,
  m.decision,
  m.entity_key is not null
    and coalesce(m.decision <> 'rejected', true)
    and (
      m.match_kind in ('id', 'name')
      or coalesce(m.decision = 'accepted', false)
      or (m.match_score >= 92 and coalesce(m.next_score <= m.match_score - 3, true))
    ) as is_used,
  m.touch_count,
from int_touch_labels__matched as m
left join int_ad_entities__listed as e
  on e.entity_level = m.entity_level
  and e.entity_key = m.entity_key
where m.match_rank = 1
order by m.channel_id, m.entity_level, m.label
