-- Orders that webhooks tell in a newer version than the Admin API, or that nothing else tells (D-45). One row per order.
-- What a webhook does not tell (the journey) is as the API told it.
-- grain: order_id
select
  'shopify:' || o.order_ref as order_id,
  'shopify' as source,
  o.order_name,
  o.processed_at,
  o.created_at,
  o.updated_at,
  'shopify:' || o.customer_ref as customer_ref,
  o.email_hash,
  o.currency,
  o.financial_status,
  o.is_test,
  o.is_cancelled,
  o.gross_cents,
  o.discount_cents,
  o.tax_cents,
  o.shipping_cents,
  o.tip_cents,
  o.duties_cents,
  o.total_cents,
  o.refund_total_cents,
  o.source_name,
  coalesce(read.landing_site, o.landing_site) as landing_site,
  coalesce(read.referring_site, o.referring_site) as referring_site,
  read.visit_source,
  read.visit_source_type,
  coalesce(read.utm_source, url_parameter(o.landing_site, 'utm_source')) as utm_source,
  coalesce(read.utm_medium, url_parameter(o.landing_site, 'utm_medium')) as utm_medium,
  coalesce(read.utm_campaign, url_parameter(o.landing_site, 'utm_campaign')) as utm_campaign,
  coalesce(read.utm_content, url_parameter(o.landing_site, 'utm_content')) as utm_content,
  coalesce(read.utm_term, url_parameter(o.landing_site, 'utm_term')) as utm_term,
  o.country,
  o.region,
  o.city,
  read.visited_at,
from stg_shopify_webhooks__orders as o
left join stg_shopify__orders as read on read.order_ref = o.order_ref
where read.order_ref is null
  or o.updated_at > read.updated_at
