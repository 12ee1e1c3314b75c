-- One row per webhook of Shopier that tells a whole order, with its lines as a list (D-45). Prices hold their tax, which is not told: it is 0 here.
-- Amounts are those of the order: goods before the discount.
-- grain: _key
-- topics: order.created, order.addressUpdated, order.fulfilled
with

parsed as (
  select
    _key,
    _slice,
    _fetched_at as received_at,
    from_json(payload, '{"topic": "VARCHAR", "body": {
      "id": "VARCHAR", "status": "VARCHAR", "paymentStatus": "VARCHAR", "dateCreated": "VARCHAR", "currency": "VARCHAR",
      "totals": {"subtotal": "VARCHAR", "shipping": "VARCHAR", "discount": "VARCHAR", "total": "VARCHAR"},
      "shippingInfo": {"email": "VARCHAR", "country": "VARCHAR", "state": "VARCHAR", "city": "VARCHAR"},
      "billingInfo": {"email": "VARCHAR"},
      "lineItems": [{"productId": "VARCHAR", "title": "VARCHAR", "quantity": "BIGINT", "price": "VARCHAR", "total": "VARCHAR"}]
    }}') as e,
  from raw.shopier__events
),

told as (
  select
    _key,
    _slice,
    received_at,
    e.body as o,
    coalesce(upper(clean_text(e.body.currency)), 'TRY') as currency,
  from parsed
  where e.topic in ('order.created', 'order.addressUpdated', 'order.fulfilled')
)

select
  _key,
  _slice,
  received_at,
  'shopier:' || o.id as order_id,
  o.id as order_name,
  instant(o.dateCreated) as created_at,
  lower(coalesce(clean_text(o.billingInfo.email), clean_text(o.shippingInfo.email))) as email_hash,
  currency,
  coalesce(lower(o.paymentStatus), 'pending') as financial_status,
  coalesce(lower(o.status) in ('cancelled', 'canceled'), false) as is_cancelled,
  coalesce(minor_units(o.totals.subtotal, currency), 0) as gross_cents,
  coalesce(minor_units(o.totals.discount, currency), 0) as discount_cents,
  coalesce(minor_units(o.totals.shipping, currency), 0) as shipping_cents,
  minor_units(o.totals.total, currency) as total_cents,
  o.shippingInfo.country as country,
  o.shippingInfo.state as region,
  o.shippingInfo.city as city,
  list_transform(o.lineItems, lambda l, i: {
    'place': i, 'product_ref': l.productId, 'title': l.title, 'quantity': coalesce(l.quantity, 1),
    'unit_price_cents': minor_units(l.price, currency),
    'gross_cents': coalesce(minor_units(l.total, currency), minor_units(l.price, currency) * coalesce(l.quantity, 1))
  }) as lines,
from told
