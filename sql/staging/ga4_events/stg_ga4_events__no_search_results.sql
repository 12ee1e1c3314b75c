-- One row is one search that found nothing, by its event and not by the words of a page title of GA4's export. The day is the one of the table that it was read from, in the property's zone (D-05);
-- a session's number is unique per visitor only, so its key is made of both.
-- grain: _key, _slice
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "table": "VARCHAR", "event_timestamp": "VARCHAR", "event_name": "VARCHAR", "batch_page_id": "VARCHAR",
      "batch_ordering_id": "VARCHAR", "batch_event_index": "VARCHAR", "user_pseudo_id": "VARCHAR",
      "user_prop_webuserid": "VARCHAR", "user_prop_default_branch_id": "VARCHAR", "user_prop_webcustomerid": "VARCHAR",
      "ga_session_id": "VARCHAR", "param_page_title": "VARCHAR", "param_page_location": "VARCHAR",
      "device_category": "VARCHAR", "device_operating_system": "VARCHAR", "geo_country": "VARCHAR", "geo_city": "VARCHAR",
      "param_no_search_results_term": "VARCHAR", "param_search_term": "VARCHAR"
    }') as e,
  from raw.ga4_events__no_search_results
)

select
  _key,
  _slice,
  cast(_slice as date) as event_date,
  make_timestamptz(cast(e.event_timestamp as bigint)) as event_at,
  e.event_name,
  e."table" as table_kind,
  cast(e.batch_page_id as bigint) as batch_page,
  cast(e.batch_ordering_id as bigint) as batch_ordering,
  cast(e.batch_event_index as bigint) as batch_event,
  told_id(e.user_pseudo_id) as user_pseudo_id,
  told_id(e.ga_session_id) as ga_session_id,
  told_id(e.user_pseudo_id) || '.' || told_id(e.ga_session_id) as session_key,
  told_id(e.user_prop_webuserid) as web_user_id,
  told_id(e.user_prop_default_branch_id) as default_branch_id,
  told_id(e.user_prop_webcustomerid) as web_customer_id,
  e.param_page_title as page_title,
  e.param_page_location as page_location,
  e.device_category,
  e.device_operating_system,
  e.geo_country,
  e.geo_city,
  clean_text(coalesce(e.param_no_search_results_term, e.param_search_term)) as search_term,
from parsed
