-- Every event of the shop's GA4 export, one row each; days are the property's own (D-05).
-- `event_kind` is the stream, by the event's name; of the rest of the funnel (refund, remove_from_cart, view_cart, begin_checkout, …) it is that name (D-63).
-- grain: event_date, event_key
select
  _key as event_key, 'purchase' as event_kind, event_date, event_at, event_name, session_key, user_pseudo_id,
  ga_session_id, web_user_id, default_branch_id, web_customer_id, page_title, page_location, device_category,
  device_operating_system, geo_country, geo_city, batch_page, batch_ordering, batch_event, table_kind,
  cast(null as varchar) as page_referrer, cast(null as varchar) as search_term, transaction_id, revenue_cents,
  cast(null as bigint) as refund_cents, currency, items,
from stg_ga4_events__purchase

union all

select
  _key as event_key, 'add_to_cart' as event_kind, event_date, event_at, event_name, session_key, user_pseudo_id,
  ga_session_id, web_user_id, default_branch_id, web_customer_id, page_title, page_location, device_category,
  device_operating_system, geo_country, geo_city, batch_page, batch_ordering, batch_event, table_kind,
  null as page_referrer, null as search_term, null as transaction_id, null as revenue_cents, null as refund_cents, currency, items,
from stg_ga4_events__add_to_cart

union all

select
  _key as event_key, 'page_view' as event_kind, event_date, event_at, event_name, session_key, user_pseudo_id,
  ga_session_id, web_user_id, default_branch_id, web_customer_id, page_title, page_location, device_category,
  device_operating_system, geo_country, geo_city, batch_page, batch_ordering, batch_event, table_kind, page_referrer,
  null as search_term, null as transaction_id, null as revenue_cents, null as refund_cents, null as currency, null as items,
from stg_ga4_events__page_view

union all

select
  _key as event_key, 'view_item' as event_kind, event_date, event_at, event_name, session_key, user_pseudo_id,
  ga_session_id, web_user_id, default_branch_id, web_customer_id, page_title, page_location, device_category,
  device_operating_system, geo_country, geo_city, batch_page, batch_ordering, batch_event, table_kind,
  null as page_referrer, null as search_term, null as transaction_id, null as revenue_cents, null as refund_cents, currency, items,
from stg_ga4_events__view_item

union all

select
  _key as event_key, 'view_search_results' as event_kind, event_date, event_at, event_name, session_key, user_pseudo_id,
  ga_session_id, web_user_id, default_branch_id, web_customer_id, page_title, page_location, device_category,
  device_operating_system, geo_country, geo_city, batch_page, batch_ordering, batch_event, table_kind,
  null as page_referrer, search_term, null as transaction_id, null as revenue_cents, null as refund_cents, null as currency, null as items,
from stg_ga4_events__view_search_results

union all

select
  _key as event_key, 'no_search_results' as event_kind, event_date, event_at, event_name, session_key, user_pseudo_id,
  ga_session_id, web_user_id, default_branch_id, web_customer_id, page_title, page_location, device_category,
  device_operating_system, geo_country, geo_city, batch_page, batch_ordering, batch_event, table_kind,
  null as page_referrer, search_term, null as transaction_id, null as revenue_cents, null as refund_cents, null as currency, null as items,
from stg_ga4_events__no_search_results

union all

select
  _key as event_key, event_name as event_kind, event_date, event_at, event_name, session_key, user_pseudo_id,
  ga_session_id, web_user_id, default_branch_id, web_customer_id, page_title, page_location, device_category,
  device_operating_system, geo_country, geo_city, batch_page, batch_ordering, batch_event, table_kind,
  null as page_referrer, null as search_term, transaction_id, null as revenue_cents, refund_cents, currency, items,
from stg_ga4_events__funnel
