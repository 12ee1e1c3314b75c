-- What an order tells about where it came from, as (kind, value, qualifier) to be looked up in the channel rules (D-09).
-- One row per order and piece of evidence; the qualifier is the UTM medium, (none) when there is none.
-- grain: order_id, kind, value
with

visits as (
  select
    order_id,
    landing_site,
    lower(clean_text(visit_source)) as visit_source,
    lower(clean_text(visit_source_type)) as visit_type,
    lower(clean_text(utm_source)) as utm_source,
    coalesce(lower(clean_text(utm_medium)), '(none)') as medium,
    url_host(referring_site) as referrer,
    lower(clean_text(source_name)) as source_name,
  from stg_orders
),

unfolded as (
  select
    order_id,
    medium,
    unnest(visit_evidence(landing_site, null, visit_source, visit_type, utm_source, medium, referrer, source_name)) as evidence,
  from visits
)

select
  order_id,
  evidence.kind as kind,
  evidence.value as value,
  medium as qualifier,
from unfolded
