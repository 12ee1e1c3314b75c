-- One row per telling of an order under the topic `orders` of the generic webhook, with its lines as a list (D-45).
-- An order without items is worth its total less tax and shipping; prices hold their tax only where `taxes_included` says so.
-- grain: _key
-- topics: orders
with

parsed as (
  select
    _key,
    _slice,
    _fetched_at as received_at,
    from_json(payload, '{"topic": "VARCHAR", "body": {
      "id": "VARCHAR", "external_id": "VARCHAR", "name": "VARCHAR", "created_at": "VARCHAR", "updated_at": "VARCHAR",
      "currency": "VARCHAR", "status": "VARCHAR", "email": "VARCHAR", "customer_id": "VARCHAR",
      "total": "VARCHAR", "total_price": "VARCHAR", "tax": "VARCHAR", "shipping": "VARCHAR", "discount": "VARCHAR",
      "taxes_included": "BOOLEAN", "landing_site": "VARCHAR", "referring_site": "VARCHAR",
      "utm_source": "VARCHAR", "utm_medium": "VARCHAR", "utm_campaign": "VARCHAR", "utm_content": "VARCHAR", "utm_term": "VARCHAR",
      "country": "VARCHAR", "region": "VARCHAR", "city": "VARCHAR",
      "items": [{
        "sku": "VARCHAR", "product_id": "VARCHAR", "title": "VARCHAR", "category": "VARCHAR",
        "quantity": "BIGINT", "price": "VARCHAR", "discount": "VARCHAR"
      }]
    }}') as e,
  from raw.webhooks__events
),

told as (
  select
    _key,
    _slice,
    received_at,
    e.body as o,
    e.body.currency as currency,
    minor_units(coalesce(e.body.total, e.body.total_price), e.body.currency) as total_cents,
    coalesce(minor_units(e.body.tax, e.body.currency), 0) as tax_cents,
    coalesce(minor_units(e.body.shipping, e.body.currency), 0) as charged_shipping,
    list_sum(list_transform(e.body.items,
      lambda i: minor_units(i.price, e.body.currency) * coalesce(i.quantity, 1)))::bigint as item_cents,
    coalesce(list_sum(list_transform(e.body.items, lambda i: minor_units(i.discount, e.body.currency))), 0)::bigint as item_discount,
    minor_units(e.body.discount, e.body.currency) as order_discount,
    case when e.body.taxes_included then coalesce(minor_units(e.body.tax, e.body.currency), 0) else 0 end as contained_tax,
  from parsed
  where e.topic = 'orders'
),

settled as (
  select
    *,
    coalesce(order_discount, item_discount) as charged_discount,
    coalesce(item_cents, total_cents - charged_shipping + coalesce(order_discount, 0) - tax_cents + contained_tax) as charged_gross,
    coalesce(item_cents - coalesce(order_discount, item_discount) + charged_shipping, total_cents - tax_cents + contained_tax) as taxed,
  from told
)

select
  _key,
  _slice,
  received_at,
  'webhooks:' || coalesce(o.id, o.external_id) as order_id,
  coalesce(clean_text(o.name), o.id, o.external_id) as order_name,
  instant(o.created_at) as created_at,
  instant(o.updated_at) as updated_at,
  'webhooks:' || coalesce(clean_text(o.customer_id), lower(clean_text(o.email))) as customer_ref,
  lower(clean_text(o.email)) as email_hash,
  currency,
  -- Words of other systems for "the money is there".
  case
    when lower(o.status) in ('paid', 'success', 'succeeded', 'complete', 'completed', 'fulfilled') then 'paid'
    else lower(o.status)
  end as financial_status,
  lower(o.status) in ('cancelled', 'canceled') as is_cancelled,
  without_tax(charged_gross, contained_tax, taxed) as gross_cents,
  without_tax(charged_discount, contained_tax, taxed) as discount_cents,
  tax_cents,
  without_tax(charged_shipping, contained_tax, taxed) as shipping_cents,
  total_cents,
  clean_text(o.landing_site) as landing_site,
  clean_text(o.referring_site) as referring_site,
  coalesce(clean_text(o.utm_source), url_parameter(o.landing_site, 'utm_source')) as utm_source,
  coalesce(clean_text(o.utm_medium), url_parameter(o.landing_site, 'utm_medium')) as utm_medium,
  coalesce(clean_text(o.utm_campaign), url_parameter(o.landing_site, 'utm_campaign')) as utm_campaign,
  coalesce(clean_text(o.utm_content), url_parameter(o.landing_site, 'utm_content')) as utm_content,
  coalesce(clean_text(o.utm_term), url_parameter(o.landing_site, 'utm_term')) as utm_term,
  o.country,
  o.region,
  o.city,
  -- Tax, and what of the discount no item names, are told by the order alone: each line holds its share.
  list_transform(o.items, lambda i, place: {
    'place': place, 'sku': clean_text(i.sku), 'product_ref': i.product_id, 'title': i.title, 'category': i.category,
    'quantity': coalesce(i.quantity, 1),
    'unit_price_cents': minor_units(i.price, currency),
    'gross_cents': without_tax(minor_units(i.price, currency) * coalesce(i.quantity, 1), contained_tax, taxed),
    'discount_cents': without_tax(coalesce(minor_units(i.discount, currency), 0)
      + prorate(charged_discount - item_discount, minor_units(i.price, currency) * coalesce(i.quantity, 1), item_cents),
      contained_tax, taxed)
  }) as lines,
from settled
