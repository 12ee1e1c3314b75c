-- One row per order of the declared orders files. An order without amounts of its own is worth its declared lines.
-- A file without a payment status holds paid orders.
-- grain: order_id
with

lines as (
  select
    order_id,
    sum(gross_cents)::bigint as gross_cents,
    sum(discount_cents)::bigint as discount_cents,
  from stg_files__line_rows
  group by order_id
),

settled as (
  select
    r.*,
    'files:' || r._key as order_id,
    coalesce(r.gross_cents, l.gross_cents) as gross,
    coalesce(r.discount_cents, case when r.gross_cents is null then l.discount_cents end, 0) as discount,
  from stg_files__order_rows as r
  left join lines as l on l.order_id = 'files:' || r._key
)

select
  order_id,
  'files' as source,
  coalesce(o.order_name, _key) as order_name,
  ordered_at as processed_at,
  ordered_at as created_at,
  cast(null as timestamptz) as updated_at,
  'files:' || clean_text(o.customer_id) as customer_ref,
  lower(clean_text(o.email)) as email_hash,
  o.currency as currency,
  coalesce(lower(replace(clean_text(o.financial_status), ' ', '_')), 'paid') as financial_status,
  coalesce(o.is_test, false) as is_test,
  o.cancelled_at is not null as is_cancelled,
  gross as gross_cents,
  discount as discount_cents,
  tax_cents,
  shipping_cents,
  tip_cents,
  duties_cents,
  coalesce(total_cents, gross - discount + tax_cents + shipping_cents + tip_cents + duties_cents) as total_cents,
  refund_total_cents,
  o.source_name as source_name,
  o.landing_site as landing_site,
  o.referring_site as referring_site,
  cast(null as varchar) as visit_source,
  cast(null as varchar) as visit_source_type,
  o.utm_source as utm_source,
  o.utm_medium as utm_medium,
  o.utm_campaign as utm_campaign,
  o.utm_content as utm_content,
  o.utm_term as utm_term,
  o.country as country,
  o.region as region,
  o.city as city,
from settled
