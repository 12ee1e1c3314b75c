-- Orders that webhooks tell in a newer version than the Admin API, or that nothing else tells (D-45). One row per order.
-- What a webhook does not tell (the journey) is as the API told it.
-- grain: order_id
with

refunded as (
  select order_id, sum(total_cents)::bigint as total_cents
  from (
    select order_id, total_cents
    from stg_shopier__refunds

    union all

    select order_id, total_cents
    from stg_webhooks__refunds
  )
  group by order_id
)

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

union all

select
  o.order_id,
  'shopier' as source,
  order_name,
  created_at as processed_at,
  created_at,
  cast(null as timestamptz) as updated_at,
  'shopier:' || email_hash as customer_ref,
  email_hash,
  currency,
  financial_status,
  false as is_test,
  is_cancelled,
  gross_cents,
  discount_cents,
  cast(0 as bigint) as tax_cents,
  shipping_cents,
  cast(0 as bigint) as tip_cents,
  cast(0 as bigint) as duties_cents,
  coalesce(o.total_cents, gross_cents - discount_cents + shipping_cents) as total_cents,
  coalesce(r.total_cents, 0) as refund_total_cents,
  'shopier' as source_name,
  cast(null as varchar) as landing_site,
  cast(null as varchar) as referring_site,
  cast(null as varchar) as visit_source,
  cast(null as varchar) as visit_source_type,
  cast(null as varchar) as utm_source,
  cast(null as varchar) as utm_medium,
  cast(null as varchar) as utm_campaign,
  cast(null as varchar) as utm_content,
  cast(null as varchar) as utm_term,
  country,
  region,
  city,
  cast(null as timestamptz) as visited_at,
from stg_shopier__orders as o
left join refunded as r on r.order_id = o.order_id

union all

select
  o.order_id,
  'webhooks' as source,
  order_name,
  created_at as processed_at,
  created_at,
  updated_at,
  customer_ref,
  email_hash,
  currency,
  financial_status,
  false as is_test,
  is_cancelled,
  gross_cents,
  discount_cents,
  tax_cents,
  shipping_cents,
  cast(0 as bigint) as tip_cents,
  cast(0 as bigint) as duties_cents,
  o.total_cents,
  coalesce(r.total_cents, 0) as refund_total_cents,
  cast(null as varchar) as source_name,
  landing_site,
  referring_site,
  cast(null as varchar) as visit_source,
  cast(null as varchar) as visit_source_type,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
  country,
  region,
  city,
  cast(null as timestamptz) as visited_at,
from stg_webhooks__orders as o
left join refunded as r on r.order_id = o.order_id
