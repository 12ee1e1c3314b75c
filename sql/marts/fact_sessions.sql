-- Visits, one row per session of GA4's export; events without consent are in none.
-- A visitor's session number is unique per visitor only, so the key is made of both. `session_date` is the property's day of the first event
-- (D-05); what describes a session is its first event's (device, place, entry page) or the last one's that tells it (branch, user, customer).
-- A visit bounced when it saw one page and did nothing else. Money is null when currencies are mixed (D-63).
-- grain: session_key
-- version: 1
with

-- One row per session again, by a window and not by a join for each kind: several joins of this size at once cannot be spilled.
described as (
  select
    session_key, mark_kind, event_date, person_key, user_id, user_pseudo_id, device_category, geo_country, geo_city,
    max(entry_page) over (partition by session_key) as entry_page,
    max(entry_page_title) over (partition by session_key) as entry_page_title,
    max(default_branch_id) over (partition by session_key) as default_branch_id,
    max(web_user_id) over (partition by session_key) as web_user_id,
    max(web_customer_id) over (partition by session_key) as web_customer_id,
    max(case when mark_kind = 'user' then person_key end) over (partition by session_key) as told_person_key,
    max(case when mark_kind = 'user' then user_id end) over (partition by session_key) as told_user_id,
    max(case when mark_kind = 'customer' then user_id end) over (partition by session_key) as customer_user_id,
  from fact_session_marks
)

select
  c.session_key,
  k.event_date as session_date, c.started_at, c.ended_at,
  coalesce(k.told_person_key, k.person_key) as person_key,
  coalesce(k.told_user_id, k.customer_user_id, k.user_id) as user_id,
  k.user_pseudo_id, k.web_user_id, k.web_customer_id, k.default_branch_id, k.device_category, k.geo_country, k.geo_city,
  k.entry_page, k.entry_page_title,
  c.page_views, coalesce(t.distinct_pages, 0) as distinct_pages, c.item_views, coalesce(t.distinct_items_viewed, 0) as distinct_items_viewed,
  c.cart_adds, c.cart_removals, c.checkouts,
  coalesce(t.searches, 0) as searches, c.result_views, coalesce(t.failed_searches, 0) as failed_searches,
  c.purchases,
  case when c.purchases = 0 then 0 when c.currency = c.other_currency then c.revenue_cents end as revenue_cents,
  case when c.purchases + c.refunds = 0 then 0 when c.currency = c.other_currency then coalesce(c.refund_cents, 0) end as refund_cents,
  case when c.currency = c.other_currency then c.currency end as currency,
  coalesce(t.distinct_pages, 0) = 1 and c.other_events = 0 as is_bounced,
from described as k
inner join fact_session_counts as c on c.session_key = k.session_key
left join fact_session_things as t on t.session_key = k.session_key
where k.mark_kind = 'first'
order by session_date, c.session_key
