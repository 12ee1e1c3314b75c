-- Every trace of a visit that says where it came from, as its source tells it (D-47). One row per trace.
-- Pages and checkouts of the pixel, and the first and the last visit that the shop names for an order.
-- Each branch has these columns, with the types of the first branch. A referrer of the pixel counts when it is another site.
-- grain: touch_id
-- may be empty
select
  'pixel:' || event_key as touch_id,
  'pixel' as source,
  coalesce(landed_at, event_at) as touched_at,
  visitor_id,
  cast(null as varchar) as order_id,
  landed_at is not null as has_landing,
  landing_site,
  case
    when registrable_host(url_host(referring_site)) <> coalesce(registrable_host(url_host(page_url)), '') then referring_site
  end as referring_site,
  cast(null as varchar) as visit_source,
  cast(null as varchar) as visit_source_type,
  click_kind,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
  coalesce(utm_id, url_parameter(landing_site, 'gad_campaignid')) as campaign_ref,
  coalesce(gclid, click_id_of(landing_site)) as gclid,
from stg_site_events
where event_kind in ('page_viewed', 'checkout_started', 'checkout_completed')
  and (
    coalesce(click_kind, utm_source, utm_campaign) is not null
    or regexp_matches(landing_site, '[?&][^=&]+=[^&]')
    or registrable_host(url_host(referring_site)) <> coalesce(registrable_host(url_host(page_url)), '')
  )

union all

select
  'order:' || order_id as touch_id,
  'order' as source,
  coalesce(visited_at, processed_at) as touched_at,
  null as visitor_id,
  order_id,
  true as has_landing,
  landing_site,
  referring_site,
  visit_source,
  visit_source_type,
  null as click_kind,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
  coalesce(url_parameter(landing_site, 'utm_id'), url_parameter(landing_site, 'gad_campaignid')) as campaign_ref,
  click_id_of(landing_site) as gclid,
from stg_orders
where coalesce(landing_site, referring_site, visit_source, visit_source_type, utm_source) is not null

union all

select
  'first:' || order_id as touch_id,
  'first_visit' as source,
  visited_at as touched_at,
  null as visitor_id,
  order_id,
  true as has_landing,
  landing_site,
  referring_site,
  visit_source,
  visit_source_type,
  null as click_kind,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
  coalesce(url_parameter(landing_site, 'utm_id'), url_parameter(landing_site, 'gad_campaignid')) as campaign_ref,
  click_id_of(landing_site) as gclid,
from stg_shopify__first_visits
