-- The first visit of the buyer that Shopify's journey summary names, where it is another one than the last.
-- One row per order of the Admin API that has one.
-- grain: order_id
select
  'shopify:' || order_ref as order_id,
  told_instant(first_visit.occurredAt) as visited_at,
  first_visit.landingPage as landing_site,
  first_visit.referrerUrl as referring_site,
  first_visit.source as visit_source,
  first_visit.sourceType as visit_source_type,
  coalesce(clean_text(first_visit.utmParameters.source), url_parameter(first_visit.landingPage, 'utm_source')) as utm_source,
  coalesce(clean_text(first_visit.utmParameters.medium), url_parameter(first_visit.landingPage, 'utm_medium')) as utm_medium,
  coalesce(clean_text(first_visit.utmParameters.campaign), url_parameter(first_visit.landingPage, 'utm_campaign')) as utm_campaign,
  coalesce(clean_text(first_visit.utmParameters.content), url_parameter(first_visit.landingPage, 'utm_content')) as utm_content,
  coalesce(clean_text(first_visit.utmParameters.term), url_parameter(first_visit.landingPage, 'utm_term')) as utm_term,
from stg_shopify__orders
where told_instant(first_visit.occurredAt) < visited_at
