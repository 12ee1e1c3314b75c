-- What a touch tells about where it came from, as that of an order (D-09); the order's own last visit is judged with the order.
-- One row per touch and piece of evidence; the qualifier is the UTM medium, (none) when there is none.
-- grain: touch_id, kind, value
-- may be empty
with

visits as (
  select
    touch_id,
    landing_site,
    click_kind,
    lower(clean_text(visit_source)) as visit_source,
    lower(clean_text(visit_source_type)) as visit_type,
    lower(clean_text(utm_source)) as utm_source,
    coalesce(lower(clean_text(utm_medium)), '(none)') as medium,
    url_host(referring_site) as referrer,
  from stg_touches
  where source <> 'order'
),

unfolded as (
  select
    touch_id,
    medium,
    unnest(visit_evidence(landing_site, click_kind, visit_source, visit_type, utm_source, medium, referrer, null)) as evidence,
  from visits
)

select
  touch_id,
  evidence.kind as kind,
  evidence.value as value,
  medium as qualifier,
from unfolded
