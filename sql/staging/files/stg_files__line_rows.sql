-- One row per row of a declared file of order lines. Gross is price times quantity, else what was paid plus the line's discount.
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "row": "BIGINT", "line_id": "VARCHAR", "product_id": "VARCHAR", "variant_id": "VARCHAR", "sku": "VARCHAR", "title": "VARCHAR",
      "category": "VARCHAR", "vendor": "VARCHAR", "quantity": "VARCHAR", "unit_price": "VARCHAR", "line_total": "VARCHAR",
      "line_discount": "VARCHAR", "currency": "VARCHAR"
    }') as r,
  from raw.files__order_lines
)

select
  _key,
  _slice,
  'files:' || _key as order_id,
  coalesce(clean_text(r.line_id), r.row::varchar) as line_id,
  clean_text(r.product_id) as product_id,
  clean_text(r.variant_id) as variant_id,
  clean_text(r.sku) as sku,
  r.title,
  clean_text(r.category) as category,
  clean_text(r.vendor) as vendor,
  cast(round(cast(coalesce(r.quantity, '1') as decimal(18, 6)), 0) as bigint) as quantity,
  minor_units(r.unit_price, r.currency) as unit_price_cents,
  line_gross(r) as gross_cents,
  coalesce(minor_units(r.line_discount, r.currency), 0) as discount_cents,
  r.currency,
from parsed
