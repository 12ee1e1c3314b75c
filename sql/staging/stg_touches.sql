-- Every trace of a visit that says where it came from, as its source tells it (D-47). One row per trace.
-- Pages and checkouts of the pixel, the first and the last visit that the shop names for an order, and the session that GA4 names for it.
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

union all

-- GA4 names no time of the session: it is the one that ended in the order.
select
  'ga4:' || g.session_key || ':' || o.order_id as touch_id,
  'ga4' as source,
  o.processed_at as touched_at,
  null as visitor_id,
  o.order_id,
  true as has_landing,
  null as landing_site,
  case when g.session_medium = 'referral' then 'https://' || g.session_source end as referring_site,
  null as visit_source,
  null as visit_source_type,
  null as click_kind,
  case when g.session_medium is distinct from 'referral' then g.session_source end as utm_source,
  case when g.session_medium is distinct from 'referral' then g.session_medium end as utm_medium,
  g.campaign_name as utm_campaign,
  null as utm_content,
  null as utm_term,
  null as campaign_ref,
  null as gclid,
from (
  select
    s.session_key,
    s.session_source,
    s.session_medium,
    s.campaign_name,
    n.order_id,
  from stg_ga4__transaction_sources as s
  inner join stg_orders as n on n.order_id = 'shopify:' || s.order_word
  where s.is_direct
    or s.session_source is not null

  union

  select
    s.session_key,
    s.session_source,
    s.session_medium,
    s.campaign_name,
    n.order_id,
  from stg_ga4__transaction_sources as s
  inner join stg_orders as n on n.order_name = '#' || s.order_word
  where s.is_direct
    or s.session_source is not null
) as g
inner join stg_orders as o on o.order_id = g.order_id
