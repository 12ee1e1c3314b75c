-- One row per event of a declared table of events; days are the property's where the import names its zone, else the shop's (D-63).
-- Which of them are events of a shop's visitors is said by their names, where they are united with others.
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "event_at": "VARCHAR", "event_name": "VARCHAR", "session_id": "VARCHAR", "page_location": "VARCHAR",
      "page_title": "VARCHAR", "page_referrer": "VARCHAR", "user_pseudo_id": "VARCHAR", "web_user_id": "VARCHAR",
      "web_customer_id": "VARCHAR", "default_branch_id": "VARCHAR", "transaction_id": "VARCHAR", "order_id": "VARCHAR",
      "search_term": "VARCHAR", "items": "VARCHAR", "device_category": "VARCHAR", "geo_country": "VARCHAR", "geo_city": "VARCHAR",
      "value": "VARCHAR", "currency": "VARCHAR", "property_time_zone": "VARCHAR"
    }') as e,
  from raw.files__events
),

listed as (
  select
    _key,
    _slice,
    e,
    coalesce(clean_text(e.currency), getvariable('currency')) as currency,
    -- A list that is no JSON tells nothing.
    try_cast(e.items as json) -> '$[*]' as items,
  from parsed
)

select
  _key,
  _slice,
  cast(timezone(coalesce(e.property_time_zone, getvariable('time_zone')), instant(e.event_at)) as date) as event_date,
  instant(e.event_at) as event_at,
  clean_text(e.event_name) as event_name,
  told_id(e.user_pseudo_id) as user_pseudo_id,
  told_id(e.session_id) as ga_session_id,
  told_id(e.user_pseudo_id) || '.' || told_id(e.session_id) as session_key,
  told_id(e.web_user_id) as web_user_id,
  told_id(e.default_branch_id) as default_branch_id,
  told_id(e.web_customer_id) as web_customer_id,
  e.page_title,
  e.page_location,
  clean_text(e.page_referrer) as page_referrer,
  clean_text(e.search_term) as search_term,
  coalesce(told_id(e.transaction_id), told_id(e.order_id)) as transaction_id,
  minor_units(e.value, currency) as value_cents,
  currency,
  list_transform(items, lambda i: {
    'item_id': told_id(i ->> '$.item_id'),
    'item_name': nullif(clean_text(i ->> '$.item_name'), '(not set)'),
    'item_category': nullif(clean_text(i ->> '$.item_category'), '(not set)'),
    'item_variant': nullif(clean_text(i ->> '$.item_variant'), '(not set)'),
    'price_cents': minor_units(i ->> '$.price', currency),
    'quantity': try_cast(i ->> '$.quantity' as bigint)
  }) as items,
  e.device_category,
  e.geo_country,
  e.geo_city,
from listed
