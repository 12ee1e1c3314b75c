-- What an order tells about where it came from, as (kind, value, qualifier) to be looked up in the channel rules (D-09).
-- One row per order and piece of evidence; the qualifier is the UTM medium, (none) when there is none.
-- grain: order_id, kind, value
with

visits as (
  select
    order_id,
    regexp_extract_all(lower(url_without_fragment(landing_site)), '[?&]([^=&]+)=[^&]', 1) as parameters,
    lower(clean_text(visit_source)) as visit_source,
    lower(clean_text(visit_source_type)) as visit_type,
    lower(clean_text(utm_source)) as utm_source,
    coalesce(lower(clean_text(utm_medium)), '(none)') as medium,
    url_host(referring_site) as referrer,
    lower(clean_text(source_name)) as source_name,
  from stg_orders
),

evidence as (
  select order_id, 'click_id' as kind, list_distinct(parameters) as found, medium
  from visits

  union all

  select order_id, 'visit', words_of(visit_source), medium
  from visits

  union all

  select order_id, 'visit_type', [visit_type], medium
  from visits

  union all

  select order_id, 'utm', words_of(utm_source), medium
  from visits

  union all

  select order_id, 'utm', ['(any)'], medium
  from visits
  where utm_source is not null

  union all

  select order_id, 'utm_medium', [medium], medium
  from visits

  union all

  select order_id, 'referrer', list_distinct([referrer, registrable_host(referrer), host_family(referrer)]), medium
  from visits

  union all

  select order_id, 'source_name', [source_name], medium
  from visits

  union all

  select order_id, 'none', ['(any)'], medium
  from visits
),

unfolded as (
  select
    order_id,
    kind,
    unnest(found) as value,
    medium,
  from evidence
)

select
  order_id,
  kind,
  value,
  medium as qualifier,
from unfolded
where value is not null
