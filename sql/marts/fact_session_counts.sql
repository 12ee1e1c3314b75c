-- What was done in visits and when, one row per session of GA4's export; events without consent are in none (D-63).
-- `entry_at` is the first page view; `branch_at`, `user_at` and `customer_at` are the last events that tell one. `fact_sessions` is made of this,
-- of `fact_session_things` and of `fact_session_marks`: each is one pass that can be spilled, and one statement of all of them cannot.
-- Money is what it is worth only where `currency` is `other_currency`.
-- grain: session_key
-- version: 1
select
  session_key,
  min(event_at) as started_at,
  max(event_at) as ended_at,
  min(case when event_kind = 'page_view' then event_at end) as entry_at,
  max(case when default_branch_id is not null then event_at end) as branch_at,
  max(case when web_user_id is not null then event_at end) as user_at,
  max(case when web_customer_id is not null then event_at end) as customer_at,
  total(case when event_kind = 'page_view' then 1 else 0 end) as page_views,
  total(case when event_kind = 'view_item' then 1 else 0 end) as item_views,
  total(case when event_kind = 'add_to_cart' then 1 else 0 end) as cart_adds,
  total(case when event_kind = 'remove_from_cart' then 1 else 0 end) as cart_removals,
  total(case when event_kind = 'begin_checkout' then 1 else 0 end) as checkouts,
  total(case when event_kind = 'view_search_results' then 1 else 0 end) as result_views,
  total(case when event_kind = 'purchase' then 1 else 0 end) as purchases,
  total(case when event_kind = 'refund' then 1 else 0 end) as refunds,
  total(case when event_kind in ('page_view', 'session_start') then 0 else 1 end) as other_events,
  total(case when event_kind in ('purchase', 'refund') then revenue_cents end) as revenue_cents,
  total(case when event_kind in ('purchase', 'refund') then refund_cents end) as refund_cents,
  min(case when event_kind in ('purchase', 'refund') then currency end) as currency,
  max(case when event_kind in ('purchase', 'refund') then currency end) as other_currency,
from fact_events
where session_key is not null
group by session_key
