-- One row per order of a declared orders file, without its lines, which are in stg_files__order_row_lines.
-- Order-level cells may stand on one row or on all of them: of amounts the largest counts, of the rest the first row's.
-- Gross null: only its lines can tell, see stg_files__orders. Texts stay out of the aggregate: numbers can be spilled, texts in its state cannot.
-- grain: _key
with

-- Not kept between its two uses: its rows are as wide as the file.
parsed as not materialized (
  select
    _key,
    _slice,
    from_json(payload, '{
      "row": "BIGINT", "ordered_at": "VARCHAR", "order_name": "VARCHAR", "customer_id": "VARCHAR", "email": "VARCHAR", "currency": "VARCHAR",
      "financial_status": "VARCHAR", "is_test": "BOOLEAN", "cancelled_at": "VARCHAR", "gross": "VARCHAR", "subtotal": "VARCHAR",
      "discount": "VARCHAR", "tax": "VARCHAR", "shipping": "VARCHAR", "tip": "VARCHAR", "duties": "VARCHAR", "total": "VARCHAR",
      "refunded": "VARCHAR", "refunded_at": "VARCHAR", "source_name": "VARCHAR", "landing_site": "VARCHAR", "referring_site": "VARCHAR",
      "utm_source": "VARCHAR", "utm_medium": "VARCHAR", "utm_campaign": "VARCHAR", "utm_content": "VARCHAR", "utm_term": "VARCHAR",
      "country": "VARCHAR", "region": "VARCHAR", "city": "VARCHAR", "quantity": "VARCHAR", "unit_price": "VARCHAR",
      "line_total": "VARCHAR", "line_discount": "VARCHAR"
    }') as r,
  from raw.files__orders
),

summed as (
  select
    _key,
    _slice,
    min(r.row) as first_row,
    min(instant(r.ordered_at)) as ordered_at,
    max(minor_units(r.gross, r.currency)) as gross,
    max(minor_units(r.subtotal, r.currency)) as subtotal,
    max(minor_units(r.discount, r.currency)) as discount,
    coalesce(max(minor_units(r.tax, r.currency)), 0) as tax,
    coalesce(max(minor_units(r.shipping, r.currency)), 0) as shipping,
    coalesce(max(minor_units(r.tip, r.currency)), 0) as tip,
    coalesce(max(minor_units(r.duties, r.currency)), 0) as duties,
    max(minor_units(r.total, r.currency)) as total,
    coalesce(max(minor_units(r.refunded, r.currency)), 0) as refunded,
    sum(line_gross(r))::bigint as goods,
    coalesce(sum(minor_units(r.line_discount, r.currency)), 0)::bigint as discount_of_lines,
  from parsed
  group by _key, _slice
),

settled as (
  select
    *,
    coalesce(discount, nullif(discount_of_lines, 0)) as given_discount,
    -- "Subtotal" is before the discount in some shops and after it in others: the total tells.
    case
      when total is null or abs(total - subtotal - tax - shipping - tip - duties)
        <= abs(total - subtotal + coalesce(discount, 0) - tax - shipping - tip - duties) then coalesce(discount, 0)
      else 0
    end as discount_in_subtotal,
  from summed
)

select
  p._key,
  p._slice,
  'files:' || p._key as order_id,
  coalesce(r.order_name, p._key) as order_name,
  s.ordered_at,
  'files:' || clean_text(r.customer_id) as customer_ref,
  lower(clean_text(r.email)) as email_hash,
  r.currency,
  coalesce(lower(replace(clean_text(r.financial_status), ' ', '_')), 'paid') as financial_status,
  coalesce(r.is_test, false) as is_test,
  instant(r.cancelled_at) as cancelled_at,
  instant(r.refunded_at) as refunded_at,
  coalesce(s.gross, s.subtotal + s.discount_in_subtotal, s.goods, s.total - s.tax - s.shipping - s.tip - s.duties + coalesce(s.discount, 0)) as gross_cents,
  s.given_discount as discount_cents,
  s.tax as tax_cents,
  s.shipping as shipping_cents,
  s.tip as tip_cents,
  s.duties as duties_cents,
  s.total as total_cents,
  s.refunded as refund_total_cents,
  r.source_name,
  r.landing_site,
  r.referring_site,
  r.utm_source,
  r.utm_medium,
  r.utm_campaign,
  r.utm_content,
  r.utm_term,
  r.country,
  r.region,
  r.city,
from parsed as p
inner join settled as s on s._key = p._key and s._slice = p._slice and s.first_row = p.r.row
