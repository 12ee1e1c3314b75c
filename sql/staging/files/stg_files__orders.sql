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
    coalesce(r.gross_cents, l.gross_cents) as gross,
    coalesce(r.discount_cents, case when r.gross_cents is null then l.discount_cents end, 0) as discount,
  from stg_files__order_rows as r
  left join lines as l on l.order_id = r.order_id
)

select
  order_id,
  'files' as source,
  order_name,
  ordered_at as processed_at,
  ordered_at as created_at,
  cast(null as timestamptz) as updated_at,
  customer_ref,
  email_hash,
  currency,
  financial_status,
  is_test,
  cancelled_at is not null as is_cancelled,
  gross as gross_cents,
  discount as discount_cents,
  tax_cents,
  shipping_cents,
  tip_cents,
  duties_cents,
  coalesce(total_cents, gross - discount + tax_cents + shipping_cents + tip_cents + duties_cents) as total_cents,
  refund_total_cents,
  source_name,
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
from settled
