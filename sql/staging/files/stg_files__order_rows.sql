-- One row per order of a declared orders file; where each row of the file is a line, its lines are a list.
-- Order-level cells may stand on one row or on all of them: the largest counts. Gross null: only its lines can tell, see stg_files__orders.
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "row": "BIGINT", "ordered_at": "VARCHAR", "order_name": "VARCHAR", "customer_id": "VARCHAR", "email": "VARCHAR", "currency": "VARCHAR",
      "financial_status": "VARCHAR", "is_test": "BOOLEAN", "cancelled_at": "VARCHAR", "gross": "VARCHAR", "subtotal": "VARCHAR",
      "discount": "VARCHAR", "tax": "VARCHAR", "shipping": "VARCHAR", "tip": "VARCHAR", "duties": "VARCHAR", "total": "VARCHAR",
      "refunded": "VARCHAR", "refunded_at": "VARCHAR", "source_name": "VARCHAR", "landing_site": "VARCHAR", "referring_site": "VARCHAR",
      "utm_source": "VARCHAR", "utm_medium": "VARCHAR", "utm_campaign": "VARCHAR", "utm_content": "VARCHAR", "utm_term": "VARCHAR",
      "country": "VARCHAR", "region": "VARCHAR", "city": "VARCHAR", "line_id": "VARCHAR", "product_id": "VARCHAR", "variant_id": "VARCHAR",
      "sku": "VARCHAR", "title": "VARCHAR", "category": "VARCHAR", "vendor": "VARCHAR", "quantity": "VARCHAR", "unit_price": "VARCHAR",
      "line_total": "VARCHAR", "line_discount": "VARCHAR"
    }') as r,
  from raw.files__orders
),

lined as (
  select
    _key,
    _slice,
    r,
    coalesce(minor_units(cast(r.unit_price as decimal(18, 6)) * cast(coalesce(r.quantity, '1') as decimal(18, 6)), r.currency),
      minor_units(r.line_total, r.currency) + coalesce(minor_units(r.line_discount, r.currency), 0)) as line_gross,
    coalesce(minor_units(r.line_discount, r.currency), 0) as line_discount,
  from parsed
),

grouped as (
  select
    _key,
    _slice,
    arg_min(r, r.row) as o,
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
    sum(line_gross)::bigint as goods,
    sum(line_discount)::bigint as discount_of_lines,
    list({
      'line_id': coalesce(clean_text(r.line_id), r.row::varchar),
      'product_id': clean_text(r.product_id),
      'variant_id': clean_text(r.variant_id),
      'sku': clean_text(r.sku),
      'title': r.title,
      'category': clean_text(r.category),
      'vendor': clean_text(r.vendor),
      'quantity': cast(round(cast(coalesce(r.quantity, '1') as decimal(18, 6)), 0) as bigint),
      'unit_price_cents': minor_units(r.unit_price, r.currency),
      'gross_cents': line_gross,
      'discount_cents': line_discount
    } order by r.row) filter (where line_gross is not null) as lines,
  from lined
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
  from grouped
)

select
  _key,
  _slice,
  o,
  ordered_at,
  coalesce(gross, subtotal + discount_in_subtotal, goods, total - tax - shipping - tip - duties + coalesce(discount, 0)) as gross_cents,
  given_discount as discount_cents,
  tax as tax_cents,
  shipping as shipping_cents,
  tip as tip_cents,
  duties as duties_cents,
  total as total_cents,
  refunded as refund_total_cents,
  coalesce(lines, []) as lines,
from settled
