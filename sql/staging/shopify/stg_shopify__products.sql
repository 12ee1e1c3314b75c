-- One row per product of the Admin API with its variants as a list.
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "id": "VARCHAR", "title": "VARCHAR", "vendor": "VARCHAR", "productType": "VARCHAR",
      "priceRangeV2": {"minVariantPrice": {"currencyCode": "VARCHAR"}},
      "variants": {"nodes": [{
        "id": "VARCHAR", "sku": "VARCHAR", "title": "VARCHAR", "price": "VARCHAR",
        "inventoryItem": {"unitCost": {"amount": "VARCHAR", "currencyCode": "VARCHAR"}}
      }]}
    }') as p,
  from raw.shopify__products
)

select
  _key,
  _slice,
  gid_tail(p.id) as product_ref,
  p.title,
  clean_text(p.vendor) as vendor,
  clean_text(p.productType) as category,
  p.priceRangeV2.minVariantPrice.currencyCode as currency,
  list_transform(p.variants.nodes, lambda v: {
    'variant_ref': gid_tail(v.id),
    'sku': clean_text(v.sku),
    'variant_title': v.title,
    'price_cents': minor_units(v.price, p.priceRangeV2.minVariantPrice.currencyCode),
    'unit_cost_cents': minor_units(v.inventoryItem.unitCost.amount, v.inventoryItem.unitCost.currencyCode),
    'unit_cost_currency': v.inventoryItem.unitCost.currencyCode
  }) as variants,
from parsed
