-- One row per row of a declared traffic file.
select
  _key,
  _slice,
  cast(r.traffic_date as date) as traffic_date,
  'files' as source,
  clean_text(r.channel_group) as channel_group,
  clean_text(r.session_source) as session_source,
  clean_text(r.session_medium) as session_medium,
  clean_text(r.session_campaign) as session_campaign,
  coalesce(r.sessions, 0) as sessions,
  coalesce(r.engaged_sessions, 0) as engaged_sessions,
  coalesce(r.product_views, 0) as product_views,
  coalesce(r.add_to_carts, 0) as add_to_carts,
  coalesce(r.checkouts, 0) as checkouts,
  coalesce(cast(round(r.purchases, 0) as bigint), 0) as purchases,
  coalesce(minor_units(r.revenue, r.currency), 0) as revenue_cents,
  r.currency,
from (
  select
    _key,
    _slice,
    from_json(payload, '{
      "traffic_date": "VARCHAR", "channel_group": "VARCHAR", "session_source": "VARCHAR", "session_medium": "VARCHAR",
      "session_campaign": "VARCHAR", "sessions": "BIGINT", "engaged_sessions": "BIGINT", "product_views": "BIGINT",
      "add_to_carts": "BIGINT", "checkouts": "BIGINT", "purchases": "DOUBLE", "revenue": "VARCHAR", "currency": "VARCHAR"
    }') as r,
  from raw.files__traffic
)
