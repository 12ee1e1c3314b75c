-- How many different pages, items and searched terms there were in visits, one row per session of GA4's export that had any (D-63).
-- Pages are links without query and fragment, terms are compared in lower case.
-- grain: session_key
-- version: 1
-- may be empty
with

things as (
  select session_key, 'page' as thing, page_of(page_location) as name
  from fact_events
  where event_kind = 'page_view'
    and page_location is not null

  union all

  select session_key, 'item', coalesce(item_id, item_name)
  from fact_event_items
  where event_kind = 'view_item'
    and coalesce(item_id, item_name) is not null

  union all

  select session_key, 'term', lower(search_term)
  from fact_events
  where event_kind in ('view_search_results', 'no_search_results')
    and search_term is not null

  union all

  select session_key, 'failed term', lower(search_term)
  from fact_events
  where event_kind = 'no_search_results'
    and search_term is not null
),

-- Told apart by their order and not by a group: a sort of this many names can be spilled at any size.
ordered as (
  select
    session_key,
    thing,
    case
      when lag(thing) over (partition by session_key order by thing, name) = thing and lag(name) over (partition by session_key order by thing, name) = name then 0
      else 1
    end as is_new,
  from things
  where session_key is not null
)

select
  session_key,
  total(case when thing = 'page' then is_new else 0 end) as distinct_pages,
  total(case when thing = 'item' then is_new else 0 end) as distinct_items_viewed,
  total(case when thing = 'term' then is_new else 0 end) as searches,
  total(case when thing = 'failed term' then is_new else 0 end) as failed_searches,
from ordered
group by session_key
