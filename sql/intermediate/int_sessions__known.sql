-- Sessions in which exactly one user was signed in: whoever it was did what was done before signing in, too (D-63).
-- grain: session_key
with

seen as (
  select distinct
    session_key,
    web_user_id,
  from stg_events
  where session_key is not null
    and web_user_id is not null
),

counted as (
  select
    session_key,
    count(*) as user_count,
  from seen
  group by session_key
)

select
  s.session_key,
  s.web_user_id,
from seen as s
inner join counted as c
  on c.session_key = s.session_key
  and c.user_count = 1
