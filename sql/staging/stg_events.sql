-- Every event of the shop's GA4 export, one row each; days are the property's own (D-05).
-- `event_kind` is the stream, by the event's name; of the rest of the funnel (refund, remove_from_cart, view_cart, begin_checkout, …) it is that name (D-63).
-- Events of files stand for the days of which the export has none.
-- grain: event_date, event_key
with

exported as (
  select event_date from stg_ga4_events__purchase

  union

  select event_date from stg_ga4_events__add_to_cart

  union

  select event_date from stg_ga4_events__page_view

  union

  select event_date from stg_ga4_events__view_item

  union

  select event_date from stg_ga4_events__view_search_results

  union

  select event_date from stg_ga4_events__no_search_results

  union

  select event_date from stg_ga4_events__funnel
)

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

union all

select
  'file:' || f._key as event_key,
  case f.event_name when 'view_search_results_no_results' then 'no_search_results' else f.event_name end as event_kind,
  f.event_date, f.event_at, f.event_name, f.session_key, f.user_pseudo_id, f.ga_session_id, f.web_user_id, f.default_branch_id,
  f.web_customer_id, f.page_title, f.page_location, f.device_category, null as device_operating_system, f.geo_country, f.geo_city,
  null as batch_page, null as batch_ordering, null as batch_event, 'file' as table_kind, f.page_referrer, f.search_term, f.transaction_id,
  case when f.event_name = 'purchase' then f.value_cents end as revenue_cents,
  case when f.event_name = 'refund' then f.value_cents end as refund_cents,
  f.currency, f.items,
from stg_files__events as f
where f.event_name in (
  'purchase', 'refund', 'add_to_cart', 'remove_from_cart', 'view_cart', 'begin_checkout', 'add_shipping_info', 'add_payment_info',
  'view_item', 'view_item_list', 'select_item', 'page_view', 'view_search_results', 'no_search_results',
  'view_search_results_no_results', 'session_start'
)
  and not exists (
    select 1
    from exported
    where exported.event_date = f.event_date
  )
