-- One row per order of the Admin API, with its lines, refunds and payments as lists: the payload is parsed once, here (D-10).
-- Money is in shop currency with tax apart: amounts of a tax-inclusive shop are net of the contained tax (D-12).
-- grain: _key
with

parsed as (
  select
    _key,
    _slice,
    from_json(payload, '{
      "id": "VARCHAR", "name": "VARCHAR", "createdAt": "VARCHAR", "processedAt": "VARCHAR", "updatedAt": "VARCHAR",
      "cancelledAt": "VARCHAR", "test": "BOOLEAN", "taxesIncluded": "BOOLEAN", "currencyCode": "VARCHAR",
      "displayFinancialStatus": "VARCHAR", "email": "VARCHAR", "sourceName": "VARCHAR", "customer": {"id": "VARCHAR"},
      "shippingAddress": {"countryCodeV2": "VARCHAR", "provinceCode": "VARCHAR", "city": "VARCHAR"},
      "billingAddress": {"countryCodeV2": "VARCHAR", "provinceCode": "VARCHAR", "city": "VARCHAR"},
      "customerJourneySummary": {"ready": "BOOLEAN", "firstVisit": {
        "occurredAt": "VARCHAR", "source": "VARCHAR", "sourceType": "VARCHAR", "landingPage": "VARCHAR", "referrerUrl": "VARCHAR",
        "utmParameters": {"source": "VARCHAR", "medium": "VARCHAR", "campaign": "VARCHAR", "content": "VARCHAR", "term": "VARCHAR"}
      }, "lastVisit": {
        "occurredAt": "VARCHAR", "source": "VARCHAR", "sourceType": "VARCHAR", "landingPage": "VARCHAR", "referrerUrl": "VARCHAR",
        "utmParameters": {"source": "VARCHAR", "medium": "VARCHAR", "campaign": "VARCHAR", "content": "VARCHAR", "term": "VARCHAR"}
      }},
      "totalPriceSet": {"shopMoney": {"amount": "VARCHAR", "currencyCode": "VARCHAR"}},
      "subtotalPriceSet": {"shopMoney": {"amount": "VARCHAR"}},
      "totalTaxSet": {"shopMoney": {"amount": "VARCHAR"}},
      "totalDiscountsSet": {"shopMoney": {"amount": "VARCHAR"}},
      "totalShippingPriceSet": {"shopMoney": {"amount": "VARCHAR"}},
      "totalTipReceivedSet": {"shopMoney": {"amount": "VARCHAR"}},
      "originalTotalDutiesSet": {"shopMoney": {"amount": "VARCHAR"}},
      "totalRefundedSet": {"shopMoney": {"amount": "VARCHAR"}},
      "lineItems": {"nodes": [{
        "id": "VARCHAR", "title": "VARCHAR", "sku": "VARCHAR", "vendor": "VARCHAR", "quantity": "BIGINT",
        "product": {"id": "VARCHAR", "productType": "VARCHAR"}, "variant": {"id": "VARCHAR"},
        "originalUnitPriceSet": {"shopMoney": {"amount": "VARCHAR"}},
        "originalTotalSet": {"shopMoney": {"amount": "VARCHAR"}},
        "discountAllocations": [{"allocatedAmountSet": {"shopMoney": {"amount": "VARCHAR"}}}]
      }]},
      "transactions": [{
        "id": "VARCHAR", "kind": "VARCHAR", "status": "VARCHAR", "test": "BOOLEAN", "gateway": "VARCHAR",
        "createdAt": "VARCHAR", "processedAt": "VARCHAR", "amountSet": {"shopMoney": {"amount": "VARCHAR"}}
      }],
      "refunds": [{
        "id": "VARCHAR", "createdAt": "VARCHAR", "processedAt": "VARCHAR",
        "totalRefundedSet": {"shopMoney": {"amount": "VARCHAR"}},
        "refundLineItems": {"nodes": [{"totalTaxSet": {"shopMoney": {"amount": "VARCHAR"}}}]},
        "refundShippingLines": {"nodes": [{
          "subtotalAmountSet": {"shopMoney": {"amount": "VARCHAR"}}, "taxAmountSet": {"shopMoney": {"amount": "VARCHAR"}}
        }]}
      }]
    }') as o,
  from raw.shopify__orders
),

priced as (
  select
    *,
    coalesce(o.totalPriceSet.shopMoney.currencyCode, o.currencyCode) as currency,
  from parsed
),

taxed as (
  select
    *,
    o.customerJourneySummary.lastVisit as visit,
    coalesce(shop_minor(o.totalTaxSet, currency), 0) as tax_cents,
    coalesce(shop_minor(o.totalShippingPriceSet, currency), 0) as charged_shipping,
    case when o.taxesIncluded then coalesce(shop_minor(o.totalTaxSet, currency), 0) else 0 end as contained_tax,
    coalesce(shop_minor(o.subtotalPriceSet, currency), 0) + coalesce(shop_minor(o.totalShippingPriceSet, currency), 0) as taxed,
    list_transform(o.lineItems.nodes, lambda l: coalesce(
      list_sum(list_transform(l.discountAllocations, lambda a: shop_minor(a.allocatedAmountSet, currency))), 0)::bigint) as discounts,
  from priced
),

-- A lambda copies what it captures for every element, so it captures plain numbers only, never the order.
lined as (
  select
    *,
    list_transform(o.lineItems.nodes, lambda l, i: {
      'order_line_id': gid_tail(l.id), 'product_ref': gid_tail(l.product.id), 'variant_ref': gid_tail(l.variant.id),
      'sku': clean_text(l.sku), 'title': l.title, 'vendor': clean_text(l.vendor),
      'category': clean_text(l.product.productType), 'quantity': l.quantity,
      'unit_price_cents': shop_minor(l.originalUnitPriceSet, currency),
      'gross_cents': without_tax(shop_minor(l.originalTotalSet, currency), contained_tax, taxed),
      'discount_cents': without_tax(discounts[i], contained_tax, taxed)
    }) as lines,
    list_transform(o.transactions, lambda t: {
      'transaction_id': gid_tail(t.id),
      'kind': lower(t.kind), 'status': lower(t.status), 'is_test': coalesce(t.test, false), 'gateway': t.gateway,
      'processed_at': instant(coalesce(t.processedAt, t.createdAt)),
      'amount_cents': shop_minor(t.amountSet, currency) }) as transactions,
    list_transform(o.refunds, lambda r: {
      'refund_id': gid_tail(r.id),
      'refunded_at': instant(coalesce(r.processedAt, r.createdAt)),
      'total_cents': coalesce(shop_minor(r.totalRefundedSet, currency), 0),
      'is_itemised': len(coalesce(r.refundLineItems.nodes, [])) + len(coalesce(r.refundShippingLines.nodes, [])) > 0,
      'goods_tax': coalesce(list_sum(list_transform(r.refundLineItems.nodes,
        lambda n: shop_minor(n.totalTaxSet, currency))), 0)::bigint,
      'shipping': coalesce(list_sum(list_transform(r.refundShippingLines.nodes,
        lambda n: shop_minor(n.subtotalAmountSet, currency))), 0)::bigint,
      'shipping_tax': coalesce(list_sum(list_transform(r.refundShippingLines.nodes,
        lambda n: shop_minor(n.taxAmountSet, currency))), 0)::bigint
    }) as refunds,
  from taxed
)

select
  _key,
  _slice,
  gid_tail(o.id) as order_ref,
  o.name as order_name,
  instant(coalesce(o.processedAt, o.createdAt)) as processed_at,
  instant(o.createdAt) as created_at,
  instant(o.updatedAt) as updated_at,
  gid_tail(o.customer.id) as customer_ref,
  lower(clean_text(o.email)) as email_hash,
  currency,
  lower(o.displayFinancialStatus) as financial_status,
  coalesce(o.test, false) as is_test,
  o.cancelledAt is not null as is_cancelled,
  coalesce(list_sum(list_transform(lines, lambda l: l.gross_cents)),
    shop_minor(o.subtotalPriceSet, currency) + coalesce(shop_minor(o.totalDiscountsSet, currency), 0))::bigint as gross_cents,
  coalesce(list_sum(list_transform(lines, lambda l: l.discount_cents)),
    shop_minor(o.totalDiscountsSet, currency), 0)::bigint as discount_cents,
  tax_cents,
  without_tax(charged_shipping, contained_tax, taxed) as shipping_cents,
  coalesce(shop_minor(o.totalTipReceivedSet, currency), 0) as tip_cents,
  coalesce(shop_minor(o.originalTotalDutiesSet, currency), 0) as duties_cents,
  shop_minor(o.totalPriceSet, currency) as total_cents,
  coalesce(shop_minor(o.totalRefundedSet, currency), 0) as refund_total_cents,
  o.sourceName as source_name,
  visit.landingPage as landing_site,
  visit.referrerUrl as referring_site,
  visit.source as visit_source,
  visit.sourceType as visit_source_type,
  coalesce(clean_text(visit.utmParameters.source), url_parameter(visit.landingPage, 'utm_source')) as utm_source,
  coalesce(clean_text(visit.utmParameters.medium), url_parameter(visit.landingPage, 'utm_medium')) as utm_medium,
  coalesce(clean_text(visit.utmParameters.campaign), url_parameter(visit.landingPage, 'utm_campaign')) as utm_campaign,
  coalesce(clean_text(visit.utmParameters.content), url_parameter(visit.landingPage, 'utm_content')) as utm_content,
  coalesce(clean_text(visit.utmParameters.term), url_parameter(visit.landingPage, 'utm_term')) as utm_term,
  coalesce(o.shippingAddress.countryCodeV2, o.billingAddress.countryCodeV2) as country,
  coalesce(o.shippingAddress.provinceCode, o.billingAddress.provinceCode) as region,
  coalesce(o.shippingAddress.city, o.billingAddress.city) as city,
  contained_tax > 0 as is_tax_included,
  o.customerJourneySummary.ready as is_journey_ready,
  told_instant(visit.occurredAt) as visited_at,
  o.customerJourneySummary.firstVisit as first_visit,
  lines,
  refunds,
  transactions,
from lined
