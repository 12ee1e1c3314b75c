-- What visits call their campaign, ad set and ad, with the entities of the channel's ad accounts that may be meant, best first:
-- by id, by exact name, else by likeness from 75 of 100 on (D-49). One row per label and candidate; `entity_key` is null without one.
-- grain: channel_id, entity_level, label, match_rank
with

spoken as (
  select channel_id, 'campaign' as entity_level, campaign_ref as label, touch_id
  from int_touches__attributed
  where campaign_ref is not null

  union all

  select channel_id, 'campaign' as entity_level, utm_campaign as label, touch_id
  from int_touches__attributed
  where utm_campaign is not null

  union all

  select channel_id, 'ad_set' as entity_level, utm_term as label, touch_id
  from int_touches__attributed
  where utm_term is not null

  union all

  select channel_id, 'ad' as entity_level, utm_content as label, touch_id
  from int_touches__attributed
  where utm_content is not null
),

labels as (
  select
    s.channel_id,
    s.entity_level,
    s.label,
    count(*) as touch_count,
  from spoken as s
  -- Channels without ad accounts have nothing to be linked with.
  where s.channel_id in (select channel_id from int_ad_entities__listed)
  group by s.channel_id, s.entity_level, s.label
),

exact as (
  select
    l.channel_id,
    l.entity_level,
    l.label,
    e.entity_key,
    case when e.entity_ref = trim(l.label) then 'id' else 'name' end as match_kind,
    100 as match_score,
  from labels as l
  inner join int_ad_entities__listed as e
    on e.channel_id = l.channel_id
    and e.entity_level = l.entity_level
    and trim(l.label) in (e.entity_ref, e.entity_name)
),

alike as (
  select
    l.channel_id,
    l.entity_level,
    l.label,
    e.entity_key,
    'fuzzy' as match_kind,
    name_likeness(l.label, e.entity_name) as match_score,
  from labels as l
  inner join int_ad_entities__listed as e
    on e.channel_id = l.channel_id
    and e.entity_level = l.entity_level
  where not exists (
      select 1
      from exact as x
      where x.channel_id = l.channel_id
        and x.entity_level = l.entity_level
        and x.label = l.label
    )
    and name_likeness(l.label, e.entity_name) >= 75
),

candidates as (
  select * from exact
  union all
  select * from alike
),

ranked as (
  select
    l.channel_id,
    l.entity_level,
    l.label,
    l.touch_count,
    c.entity_key,
    coalesce(c.match_kind, 'none') as match_kind,
    c.match_score,
    d.decision,
    row_number() over (
      partition by l.channel_id, l.entity_level, l.label
      order by case when d.decision = 'accepted' then 0 when d.decision = 'rejected' then 2 else 1 end,
        case c.match_kind when 'id' then 0 when 'name' then 1 else 2 end, c.match_score desc, c.entity_key
    ) as match_rank,
  from labels as l
  left join candidates as c
    on c.channel_id = l.channel_id
    and c.entity_level = l.entity_level
    and c.label = l.label
  left join stg_match_decisions as d
    on d.channel_id = c.channel_id
    and d.entity_level = c.entity_level
    and d.label = c.label
    and d.entity_key = c.entity_key
)

select
  channel_id,
  entity_level,
  label,
  match_rank,
  entity_key,
  match_kind,
  match_score,
  decision,
  touch_count,
  lead(match_score) over (partition by channel_id, entity_level, label order by match_rank) as next_score,
from ranked
