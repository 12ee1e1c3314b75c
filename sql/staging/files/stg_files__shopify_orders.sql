-- One row per order of Shopify's orders export, with its lines and its refund as lists (D-10). Order-level cells stand on its first row.
-- Goods before discount: subtotal plus that part of the discount which the lines' prices confirm (a discount on shipping is none on goods).
-- A shop whose prices include tax is told by its total; amounts are then net of the contained tax (D-12).
-- The export dates no refund: it is booked at cancellation, else on the order's own day.
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "row": "BIGINT", "id": "VARCHAR", "email": "VARCHAR", "customer_id": "VARCHAR", "financial_status": "VARCHAR",
      "currency": "VARCHAR", "subtotal": "VARCHAR", "shipping": "VARCHAR", "taxes": "VARCHAR", "total": "VARCHAR",
      "discount_amount": "VARCHAR", "duties": "VARCHAR", "refunded_amount": "VARCHAR", "created_at": "VARCHAR",
      "cancelled_at": "VARCHAR", "source": "VARCHAR", "Payment Method": "VARCHAR",
      "shipping_country": "VARCHAR", "shipping_province": "VARCHAR", "shipping_city": "VARCHAR",
      "billing_country": "VARCHAR", "billing_province": "VARCHAR", "billing_city": "VARCHAR",
      "lineitem_quantity": "BIGINT", "lineitem_name": "VARCHAR", "lineitem_price": "VARCHAR", "lineitem_sku": "VARCHAR",
      "lineitem_discount": "VARCHAR", "vendor": "VARCHAR"
    }') as r,
  from raw.files__shopify_orders
),

grouped as (
  select
    _key,
    _slice,
    arg_min(r, r.row) filter (where r.total is not null) as o,
    max(r.email) as email,
    list({
      'sku': clean_text(r.lineitem_sku),
      'title': r.lineitem_name,
      'vendor': clean_text(r.vendor),
      'quantity': r.lineitem_quantity,
      'price': r.lineitem_price,
      'discount': r.lineitem_discount
    } order by r.row) filter (where r.lineitem_quantity is not null) as items,
  from parsed
  group by _key, _slice
),

priced as (
  select
    *,
    coalesce(minor_units(o.subtotal, o.currency), 0) as subtotal,
    coalesce(minor_units(o.shipping, o.currency), 0) as shipping,
    coalesce(minor_units(o.taxes, o.currency), 0) as tax,
    coalesce(minor_units(o.duties, o.currency), 0) as duties,
    coalesce(minor_units(o.discount_amount, o.currency), 0) as discount,
    coalesce(minor_units(o.refunded_amount, o.currency), 0) as refunded,
    minor_units(o.total, o.currency) as total,
    coalesce(items, []) as lines,
    list_transform(coalesce(items, []), lambda i: i.quantity * minor_units(i.price, o.currency)) as line_gross,
    list_transform(coalesce(items, []), lambda i: coalesce(minor_units(i.discount, o.currency), 0)) as line_discount,
  from grouped
),

settled as (
  select
    *,
    coalesce(list_sum(line_gross), subtotal + discount)::bigint as goods,
    case
      when abs(total - subtotal - shipping - duties) < abs(total - subtotal - shipping - duties - tax) then tax
      else 0
    end as contained_tax,
    subtotal + shipping as taxed,
    coalesce(list_sum(line_discount), 0)::bigint as discount_of_lines,
  from priced
),

discounted as (
  select
    *,
    list_sort(list_transform([0, discount, discount_of_lines, discount + discount_of_lines],
      lambda d: {'off': abs(goods - subtotal - d), 'amount': d}))[1].amount as goods_discount,
  from settled
),

shared as (
  select
    *,
    list_transform(line_gross, lambda g, n: case
      when discount_of_lines = goods_discount then line_discount[n]
      else prorate(goods_discount, g, goods)
    end) as shares,
    case
      when abs(subtotal + goods_discount - goods) <= list_sum(list_transform(lines, lambda i: abs(i.quantity)))
        then subtotal + goods_discount - goods
      else 0
    end::bigint as rounding,
  from discounted
)

select
  _key,
  _slice,
  'shopify:' || coalesce(clean_text(o.id), _key) as order_id,
  'shopify' as source,
  _key as order_name,
  instant(o.created_at) as processed_at,
  instant(o.created_at) as created_at,
  cast(null as timestamptz) as updated_at,
  'shopify:' || clean_text(o.customer_id) as customer_ref,
  lower(clean_text(email)) as email_hash,
  o.currency as currency,
  lower(clean_text(o.financial_status)) as financial_status,
  coalesce(contains(lower(o."Payment Method"), 'bogus'), false) as is_test,
  o.cancelled_at is not null as is_cancelled,
  subtotal + goods_discount - included_tax(subtotal + goods_discount, contained_tax, taxed) as gross_cents,
  goods_discount - included_tax(goods_discount, contained_tax, taxed) as discount_cents,
  tax as tax_cents,
  shipping - included_tax(shipping, contained_tax, taxed) as shipping_cents,
  cast(0 as bigint) as tip_cents,
  duties as duties_cents,
  total as total_cents,
  refunded as refund_total_cents,
  clean_text(o.source) as source_name,
  cast(null as varchar) as landing_site,
  cast(null as varchar) as referring_site,
  cast(null as varchar) as visit_source,
  cast(null as varchar) as visit_source_type,
  cast(null as varchar) as utm_source,
  cast(null as varchar) as utm_medium,
  cast(null as varchar) as utm_campaign,
  cast(null as varchar) as utm_content,
  cast(null as varchar) as utm_term,
  coalesce(clean_text(o.shipping_country), clean_text(o.billing_country)) as country,
  coalesce(clean_text(o.shipping_province), clean_text(o.billing_province)) as region,
  coalesce(clean_text(o.shipping_city), clean_text(o.billing_city)) as city,
  instant(coalesce(o.cancelled_at, o.created_at)) as refunded_at,
  list_transform(lines, lambda i, n: {
    'sku': i.sku,
    'title': i.title,
    'vendor': i.vendor,
    'quantity': i.quantity,
    'unit_price_cents': minor_units(i.price, o.currency),
    'gross_cents': line_gross[n] + case when n = 1 then rounding else 0 end
      - included_tax(line_gross[n] + case when n = 1 then rounding else 0 end, contained_tax, taxed),
    'discount_cents': shares[n] + case when n = 1 then goods_discount - list_sum(shares)::bigint else 0 end
      - included_tax(shares[n] + case when n = 1 then goods_discount - list_sum(shares)::bigint else 0 end, contained_tax, taxed)
  }) as lines,
from shared
