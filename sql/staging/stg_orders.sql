-- Every order of every source, once. One row per order; what the API delivers in the same or a newer version is the API's (D-11, D-45).
-- Each branch stg_files__… has these columns, with the types of the first branch.
-- grain: order_id
select
  'shopify:' || order_ref as order_id,
  'shopify' as source,
  order_name,
  processed_at,
  created_at,
  updated_at,
  'shopify:' || customer_ref as customer_ref,
  email_hash,
  currency,
  financial_status,
  is_test,
  is_cancelled,
  gross_cents,
  discount_cents,
  tax_cents,
  shipping_cents,
  tip_cents,
  duties_cents,
  total_cents,
  refund_total_cents,
  source_name,
  landing_site,
  referring_site,
  visit_source,
  visit_source_type,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
  country,
  region,
  city,
from stg_shopify__orders
where 'shopify:' || order_ref not in (select order_id from stg_pushed_orders)

union all

select
  order_id,
  source,
  order_name,
  processed_at,
  created_at,
  updated_at,
  customer_ref,
  email_hash,
  currency,
  financial_status,
  is_test,
  is_cancelled,
  gross_cents,
  discount_cents,
  tax_cents,
  shipping_cents,
  tip_cents,
  duties_cents,
  total_cents,
  refund_total_cents,
  source_name,
  landing_site,
  referring_site,
  visit_source,
  visit_source_type,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
  country,
  region,
  city,
from stg_pushed_orders

union all

select
  order_id,
  source,
  order_name,
  processed_at,
  created_at,
  updated_at,
  customer_ref,
  email_hash,
  currency,
  financial_status,
  is_test,
  is_cancelled,
  gross_cents,
  discount_cents,
  tax_cents,
  shipping_cents,
  tip_cents,
  duties_cents,
  total_cents,
  refund_total_cents,
  source_name,
  landing_site,
  referring_site,
  visit_source,
  visit_source_type,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
  country,
  region,
  city,
from (
  select *
  from stg_files__shopify_orders
  where order_name not in (select order_name from stg_shopify__orders where order_name is not null)
    and order_name not in (select order_name from stg_pushed_orders where order_name is not null)
  union all by name
  select * replace (coalesce(financial_status, 'paid') as financial_status)
  from stg_files__orders
) as imported
