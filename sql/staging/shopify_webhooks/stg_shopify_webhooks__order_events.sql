-- One row per webhook that tells a whole order (REST-shaped), with its lines and refunds as lists (D-45). Amounts as in stg_shopify__orders.
-- grain: _key
-- topics: orders/create, orders/updated, orders/paid, orders/cancelled, orders/fulfilled, orders/partially_fulfilled
with

parsed as (
  select
    _key,
    _slice,
    _fetched_at as received_at,
    from_json(payload, '{"topic": "VARCHAR", "body": {
      "id": "VARCHAR", "admin_graphql_api_id": "VARCHAR", "name": "VARCHAR", "created_at": "VARCHAR", "processed_at": "VARCHAR",
      "updated_at": "VARCHAR", "cancelled_at": "VARCHAR", "test": "BOOLEAN", "taxes_included": "BOOLEAN", "currency": "VARCHAR",
      "financial_status": "VARCHAR", "email": "VARCHAR", "contact_email": "VARCHAR", "source_name": "VARCHAR",
      "landing_site": "VARCHAR", "referring_site": "VARCHAR", "customer": {"id": "VARCHAR"},
      "shipping_address": {"country_code": "VARCHAR", "province_code": "VARCHAR", "city": "VARCHAR"},
      "billing_address": {"country_code": "VARCHAR", "province_code": "VARCHAR", "city": "VARCHAR"},
      "total_price": "VARCHAR", "subtotal_price": "VARCHAR", "total_tax": "VARCHAR", "total_discounts": "VARCHAR",
      "total_tip_received": "VARCHAR",
      "total_shipping_price_set": {"shop_money": {"amount": "VARCHAR"}},
      "original_total_duties_set": {"shop_money": {"amount": "VARCHAR"}},
      "line_items": [{
        "id": "VARCHAR", "admin_graphql_api_id": "VARCHAR", "title": "VARCHAR", "sku": "VARCHAR", "vendor": "VARCHAR",
        "quantity": "BIGINT", "product_id": "VARCHAR", "variant_id": "VARCHAR", "price": "VARCHAR",
        "discount_allocations": [{"amount_set": {"shop_money": {"amount": "VARCHAR"}}, "amount": "VARCHAR"}]
      }],
      "refunds": [{
        "id": "VARCHAR", "admin_graphql_api_id": "VARCHAR", "created_at": "VARCHAR", "processed_at": "VARCHAR",
        "refund_line_items": [{"total_tax_set": {"shop_money": {"amount": "VARCHAR"}}, "total_tax": "VARCHAR"}],
        "refund_shipping_lines": [{
          "subtotal_amount_set": {"shop_money": {"amount": "VARCHAR"}}, "tax_amount_set": {"shop_money": {"amount": "VARCHAR"}}
        }],
        "transactions": [{"kind": "VARCHAR", "status": "VARCHAR", "amount": "VARCHAR"}]
      }]
    }}') as e,
  from raw.shopify_webhooks__events
),

told as (
  select
    _key,
    _slice,
    received_at,
    e.body as o,
  from parsed
  where e.topic in ('orders/create', 'orders/updated', 'orders/paid', 'orders/cancelled',
    'orders/fulfilled', 'orders/partially_fulfilled')
),

taxed as (
  select
    *,
    o.currency as currency,
    coalesce(minor_units(o.total_tax, o.currency), 0) as tax_cents,
    coalesce(rest_minor(o.total_shipping_price_set, o.currency), 0) as charged_shipping,
    case when o.taxes_included then coalesce(minor_units(o.total_tax, o.currency), 0) else 0 end as contained_tax,
    coalesce(minor_units(o.subtotal_price, o.currency), 0) + coalesce(rest_minor(o.total_shipping_price_set, o.currency), 0) as taxed,
    list_transform(o.line_items, lambda l: coalesce(list_sum(list_transform(l.discount_allocations,
      lambda a: coalesce(rest_minor(a.amount_set, currency), minor_units(a.amount, currency)))), 0)::bigint) as discounts,
  from told
),

-- A lambda copies what it captures for every element, so it captures plain numbers only, never the order.
lined as (
  select
    *,
    list_transform(o.line_items, lambda l, i: {
      'order_line_id': coalesce(gid_tail(l.admin_graphql_api_id), l.id),
      'product_ref': l.product_id, 'variant_ref': l.variant_id,
      'sku': clean_text(l.sku), 'title': l.title, 'vendor': clean_text(l.vendor),
      'quantity': l.quantity,
      'unit_price_cents': minor_units(l.price, currency),
      'gross_cents': without_tax(minor_units(l.price, currency) * l.quantity, contained_tax, taxed),
      'discount_cents': without_tax(discounts[i], contained_tax, taxed)
    }) as lines,
    list_transform(o.refunds, lambda r: {
      'refund_id': coalesce(gid_tail(r.admin_graphql_api_id), r.id),
      'refunded_at': instant(coalesce(r.processed_at, r.created_at)),
      'total_cents': coalesce(list_sum(list_transform(list_filter(r.transactions,
        lambda t: lower(t.kind) = 'refund' and lower(t.status) = 'success'), lambda t: minor_units(t.amount, currency))), 0)::bigint,
      'is_itemised': len(coalesce(r.refund_line_items, [])) + len(coalesce(r.refund_shipping_lines, [])) > 0,
      'goods_tax': coalesce(list_sum(list_transform(r.refund_line_items,
        lambda n: coalesce(rest_minor(n.total_tax_set, currency), minor_units(n.total_tax, currency)))), 0)::bigint,
      'shipping': coalesce(list_sum(list_transform(r.refund_shipping_lines,
        lambda n: rest_minor(n.subtotal_amount_set, currency))), 0)::bigint,
      'shipping_tax': coalesce(list_sum(list_transform(r.refund_shipping_lines,
        lambda n: rest_minor(n.tax_amount_set, currency))), 0)::bigint
    }) as refunds,
  from taxed
)

select
  _key,
  _slice,
  received_at,
  coalesce(gid_tail(o.admin_graphql_api_id), o.id) as order_ref,
  o.name as order_name,
  instant(coalesce(o.processed_at, o.created_at)) as processed_at,
  instant(o.created_at) as created_at,
  instant(o.updated_at) as updated_at,
  o.customer.id as customer_ref,
  lower(coalesce(clean_text(o.email), clean_text(o.contact_email))) as email_hash,
  currency,
  lower(o.financial_status) as financial_status,
  coalesce(o.test, false) as is_test,
  o.cancelled_at is not null as is_cancelled,
  coalesce(list_sum(list_transform(lines, lambda l: l.gross_cents)),
    minor_units(o.subtotal_price, currency) + coalesce(minor_units(o.total_discounts, currency), 0))::bigint as gross_cents,
  coalesce(list_sum(list_transform(lines, lambda l: l.discount_cents)),
    minor_units(o.total_discounts, currency), 0)::bigint as discount_cents,
  tax_cents,
  without_tax(charged_shipping, contained_tax, taxed) as shipping_cents,
  coalesce(minor_units(o.total_tip_received, currency), 0) as tip_cents,
  coalesce(rest_minor(o.original_total_duties_set, currency), 0) as duties_cents,
  minor_units(o.total_price, currency) as total_cents,
  coalesce(list_sum(list_transform(refunds, lambda r: r.total_cents)), 0)::bigint as refund_total_cents,
  o.source_name,
  o.landing_site,
  o.referring_site,
  coalesce(o.shipping_address.country_code, o.billing_address.country_code) as country,
  coalesce(o.shipping_address.province_code, o.billing_address.province_code) as region,
  coalesce(o.shipping_address.city, o.billing_address.city) as city,
  contained_tax > 0 as is_tax_included,
  lines,
  refunds,
from lined
