-- Visitors (one browser each) with whom exactly one user was ever signed in (D-63); a browser that several share names nobody.
-- grain: user_pseudo_id
with

seen as (
  select distinct
    user_pseudo_id,
    web_user_id,
  from stg_events
  where user_pseudo_id is not null
    and web_user_id is not null
),

counted as (
  select
    user_pseudo_id,
    count(*) as user_count,
  from seen
  group by user_pseudo_id
)

select
  s.user_pseudo_id,
  s.web_user_id,
from seen as s
inner join counted as c
  on c.user_pseudo_id = s.user_pseudo_id
  and c.user_count = 1
