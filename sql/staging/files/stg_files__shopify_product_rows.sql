-- One row per product of Shopify's products export with its variants as a list; rows that only add a picture are no variants.
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "row": "BIGINT", "title": "VARCHAR", "vendor": "VARCHAR", "type": "VARCHAR", "product_category": "VARCHAR", "currency": "VARCHAR",
      "option1_value": "VARCHAR", "option2_value": "VARCHAR", "option3_value": "VARCHAR",
      "variant_sku": "VARCHAR", "variant_price": "VARCHAR", "cost_per_item": "VARCHAR"
    }') as r,
  from raw.files__shopify_products
)

select
  _key,
  _slice,
  max(r.title) as title,
  max(clean_text(r.vendor)) as vendor,
  coalesce(max(clean_text(r.type)), max(clean_text(r.product_category))) as category,
  max(r.currency) as currency,
  list({
    'sku': clean_text(ltrim(r.variant_sku, '''')),
    'variant_title': concat_ws(' / ', r.option1_value, r.option2_value, r.option3_value),
    'price_cents': minor_units(r.variant_price, r.currency),
    'unit_cost_cents': minor_units(r.cost_per_item, r.currency)
  } order by r.row) filter (where r.variant_price is not null) as variants,
from parsed
group by _key, _slice
