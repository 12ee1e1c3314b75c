import { ENTRANCES } from "./campaigns.js";
import { type Node, type PageArgs, pageOf } from "./graphql.js";
import { moneyOf, type OrderMoney } from "./orders.js";
import type { Entrance, Line, Order, Place, Product, Refund } from "./types.js";

const CURRENCY = "USD";
const SHOP_URL = "https://northpine.example";
const DAY = 86_400_000;

/** The types of orders; every name is one of the vendor's. */
export const ORDER_TYPES = {
  Order: `id legacyResourceId name number createdAt processedAt updatedAt cancelledAt cancelReason closedAt test edited
    confirmed sourceName currencyCode presentmentCurrencyCode taxesIncluded displayFinancialStatus
    displayFulfillmentStatus returnStatus email phone customerLocale tags discountCodes paymentGatewayNames note
    customer:Customer shippingAddress:MailingAddress billingAddress:MailingAddress
    customerJourneySummary:CustomerJourneySummary
    originalTotalPriceSet:MoneyBag totalPriceSet:MoneyBag subtotalPriceSet:MoneyBag totalTaxSet:MoneyBag
    totalDiscountsSet:MoneyBag totalShippingPriceSet:MoneyBag totalTipReceivedSet:MoneyBag totalReceivedSet:MoneyBag
    totalRefundedSet:MoneyBag totalRefundedShippingSet:MoneyBag netPaymentSet:MoneyBag totalOutstandingSet:MoneyBag
    originalTotalDutiesSet:MoneyBag originalTotalAdditionalFeesSet:MoneyBag currentTotalPriceSet:MoneyBag
    currentSubtotalPriceSet:MoneyBag currentTotalTaxSet:MoneyBag currentTotalDiscountsSet:MoneyBag
    currentShippingPriceSet:MoneyBag
    refunds:[Refund] transactions:[OrderTransaction] lineItems:LineItem* shippingLines:ShippingLine*`,
  LineItem: `id name title sku vendor quantity currentQuantity isGiftCard taxable requiresShipping variantTitle
    product:Product variant:ProductVariant originalUnitPriceSet:MoneyBag originalTotalSet:MoneyBag
    discountedTotalSet:MoneyBag totalDiscountSet:MoneyBag priceAfterAllDiscountsBeforeTaxesSet:MoneyBag
    discountAllocations:[DiscountAllocation] taxLines:[TaxLine]`,
  DiscountAllocation: "allocatedAmountSet:MoneyBag",
  TaxLine: "title rate priceSet:MoneyBag",
  ShippingLine: "id title code source isRemoved originalPriceSet:MoneyBag discountedPriceSet:MoneyBag",
  Refund: `id legacyResourceId createdAt processedAt updatedAt note totalRefundedSet:MoneyBag
    refundLineItems:RefundLineItem* refundShippingLines:RefundShippingLine* orderAdjustments:OrderAdjustment*
    transactions:OrderTransaction*`,
  RefundLineItem: `id quantity restockType restocked lineItem:LineItem priceSet:MoneyBag subtotalSet:MoneyBag
    totalTaxSet:MoneyBag`,
  RefundShippingLine: "id shippingLine:ShippingLine subtotalAmountSet:MoneyBag taxAmountSet:MoneyBag",
  OrderAdjustment: "id reason amountSet:MoneyBag taxAmountSet:MoneyBag",
  OrderTransaction: "id kind status test gateway createdAt processedAt amountSet:MoneyBag",
  CustomerJourneySummary: "ready customerOrderIndex daysToConversion firstVisit:CustomerVisit lastVisit:CustomerVisit",
  CustomerVisit: "id occurredAt source sourceType landingPage referrerUrl utmParameters:UTMParameters",
  UTMParameters: "source medium campaign content term",
  MailingAddress: "firstName lastName address1 city provinceCode country countryCodeV2 zip phone",
  MoneyBag: "shopMoney:MoneyV2 presentmentMoney:MoneyV2",
  MoneyV2: "amount currencyCode",
} as const;

/** An instant as Shopify writes it. */
export function shopifyTime(instant: number): string;
export function shopifyTime(instant: number | null): string | null;
export function shopifyTime(instant: number | null): string | null {
  return instant === null ? null : `${new Date(instant).toISOString().slice(0, 19)}Z`;
}

/** Cents as a decimal with at least one digit after the point: `1250` -> `12.5`. */
export function moneyV2(cents: number): Node {
  const text = (cents / 100).toFixed(2);
  return { amount: text.endsWith("0") ? text.slice(0, -1) : text, currencyCode: CURRENCY };
}

/** Printed when it is asked for: an order has twenty of them, and a query wants some. */
function bag(cents: number): Node {
  const money = () => moneyV2(cents);
  return { shopMoney: money, presentmentMoney: money };
}

/** A global id. */
export function gid(type: string, id: number | string): string {
  return `gid://shopify/${type}/${id}`;
}

/** The type a product is filed under: `home` -> `Home`. */
export function productType({ category }: Product): string {
  return category.slice(0, 1).toUpperCase() + category.slice(1);
}

/** A postal address. */
export function addressNode(
  place: Place,
  person: { firstName: string; lastName: string; street: string } | null,
): Node {
  return {
    firstName: person?.firstName ?? null,
    lastName: person?.lastName ?? null,
    address1: person?.street ?? null,
    city: place.city,
    provinceCode: place.province,
    country: place.countryName,
    countryCodeV2: place.country,
    zip: place.zip,
    phone: null,
  };
}

/** An order as the Admin API shows it; money of the order as placed, except for the `current…` sums. */
export function orderNode(order: Order): Node {
  const money = moneyOf(order);
  const address = order.entrance === null ? null : addressNode(order.place, order.customer);
  return {
    id: gid("Order", order.id),
    legacyResourceId: String(order.id),
    name: `#${order.number}`,
    number: order.number,
    createdAt: shopifyTime(order.at),
    processedAt: shopifyTime(order.at),
    updatedAt: shopifyTime(order.updatedAt),
    cancelledAt: shopifyTime(order.cancelledAt),
    cancelReason: order.cancelledAt === null ? null : "CUSTOMER",
    closedAt: shopifyTime(order.fulfilledAt),
    test: order.kind === "test",
    edited: false,
    confirmed: true,
    sourceName: order.sourceName,
    currencyCode: CURRENCY,
    presentmentCurrencyCode: CURRENCY,
    taxesIncluded: false,
    displayFinancialStatus: financialStatus(order, money),
    displayFulfillmentStatus: order.fulfilledAt === null ? "UNFULFILLED" : "FULFILLED",
    returnStatus: order.refunds.length > 0 && order.cancelledAt === null ? "RETURNED" : "NO_RETURN",
    email: order.customer?.email ?? null,
    phone: order.customer?.phone ?? null,
    customerLocale: "en-US",
    tags: order.kind === "gift" ? ["gift"] : [],
    discountCodes: order.code === null ? [] : [order.code.text],
    paymentGatewayNames: [gateway(order)],
    note: null,
    customer: order.customer === null ? null : { id: gid("Customer", order.customer.id) },
    shippingAddress: address,
    billingAddress: address,
    customerJourneySummary: journeyNode(order),
    ...orderBags(order, money),
    refunds: (args: PageArgs) =>
      order.refunds.slice(0, Number(args["first"] ?? 250)).map((one) => refundNode(order, one)),
    transactions: (args: PageArgs) => transactions(order, money).slice(0, Number(args["first"] ?? 250)),
    lineItems: (args: PageArgs) => pageOf(order.lines, args, (line) => lineNode(order, line)),
    shippingLines: (args: PageArgs) => pageOf(order.entrance === null ? [] : [order], args, shippingNode),
  };
}

function orderBags(order: Order, money: OrderMoney): Node {
  const shippingBack = order.refunds.reduce((sum, refund) => sum + refund.shippingCents, 0);
  const taxBack = sumOf(order.refunds.flatMap((refund) => refund.lines.map((line) => line.taxCents)));
  const goodsBack = sumOf(order.refunds.flatMap((refund) => refund.lines.map((line) => line.goodsCents)));
  const unpaid = order.kind === "pending" || isVoided(order);
  const received = unpaid ? 0 : money.total;
  const gone = isVoided(order);
  return {
    originalTotalPriceSet: bag(money.total),
    totalPriceSet: bag(money.total),
    subtotalPriceSet: bag(money.goods),
    totalTaxSet: bag(money.tax),
    totalDiscountsSet: bag(money.discount),
    totalShippingPriceSet: bag(money.shipping),
    totalTipReceivedSet: bag(0),
    totalReceivedSet: bag(received),
    totalRefundedSet: bag(money.refunded),
    totalRefundedShippingSet: bag(shippingBack),
    netPaymentSet: bag(received - money.refunded),
    totalOutstandingSet: bag(order.kind === "pending" ? money.total : 0),
    originalTotalDutiesSet: null,
    originalTotalAdditionalFeesSet: null,
    currentTotalPriceSet: bag(gone ? 0 : money.total - money.refunded),
    currentSubtotalPriceSet: bag(gone ? 0 : money.goods - goodsBack),
    currentTotalTaxSet: bag(gone ? 0 : money.tax - taxBack),
    currentTotalDiscountsSet: bag(gone ? 0 : money.discount),
    currentShippingPriceSet: bag(gone ? 0 : money.shipping - shippingBack),
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** Cancelled before anything was paid. */
export function isVoided(order: Order): boolean {
  return order.cancelledAt !== null && order.refunds.length === 0;
}

function financialStatus(order: Order, money: OrderMoney): string {
  if (order.kind === "pending") return "PENDING";
  if (isVoided(order)) return "VOIDED";
  if (money.refunded === 0) return "PAID";
  return money.refunded >= money.total ? "REFUNDED" : "PARTIALLY_REFUNDED";
}

/** Who took the money. */
export function gateway(order: Order): string {
  if (order.kind === "test") return "bogus";
  if (order.sourceName === "pos") return "cash";
  return order.number % 5 === 0 ? "paypal" : "shopify_payments";
}

/** The id of the payment of an order. */
export function paymentId(order: Order): string {
  return String(order.id * 10);
}

function transactions(order: Order, money: OrderMoney): readonly Node[] {
  const common = { test: order.kind === "test", gateway: gateway(order) };
  const at = shopifyTime(order.at);
  const paid = {
    ...common,
    id: gid("OrderTransaction", paymentId(order)),
    kind: "SALE",
    status: order.kind === "pending" ? "PENDING" : "SUCCESS",
    createdAt: at,
    processedAt: at,
    amountSet: bag(money.total),
  };
  return [paid, ...order.refunds.map((refund) => refundPayment(order, refund))];
}

function lineNode(order: Order, line: Line): Node {
  const gross = line.unitCents * line.quantity;
  const back = order.refunds.flatMap((refund) => refund.lines).filter((one) => one.line.id === line.id);
  const variantTitle = line.variant.title === "Default Title" ? null : line.variant.title;
  return {
    id: gid("LineItem", line.id),
    name: variantTitle === null ? line.product.title : `${line.product.title} - ${variantTitle}`,
    title: line.product.title,
    sku: line.variant.sku,
    vendor: line.product.vendor,
    quantity: line.quantity,
    currentQuantity: isVoided(order) ? 0 : line.quantity - sumOf(back.map((one) => one.quantity)),
    isGiftCard: false,
    taxable: true,
    requiresShipping: true,
    variantTitle,
    product: { id: gid("Product", line.product.id), productType: productType(line.product), title: line.product.title },
    variant: { id: gid("ProductVariant", line.variant.id), title: line.variant.title, sku: line.variant.sku },
    originalUnitPriceSet: bag(line.unitCents),
    originalTotalSet: bag(gross),
    // These two leave out codes that apply to the whole order, as the vendor's do.
    discountedTotalSet: bag(gross),
    totalDiscountSet: bag(0),
    priceAfterAllDiscountsBeforeTaxesSet: bag(gross - line.discountCents),
    discountAllocations: line.discountCents === 0 ? [] : [{ allocatedAmountSet: bag(line.discountCents) }],
    taxLines:
      line.taxCents === 0
        ? []
        : [{ title: "State Tax", rate: order.place.taxBps / 10_000, priceSet: bag(line.taxCents) }],
  };
}

function shippingNode(order: Order): Node {
  const price = bag(order.shippingCents);
  const title = order.place.country === "US" ? "Standard" : "International";
  return {
    id: gid("ShippingLine", order.id + 1),
    title,
    code: title,
    source: "shopify",
    isRemoved: false,
    originalPriceSet: price,
    discountedPriceSet: price,
  };
}

/** A refund; goods and tax by line, shipping apart. */
export function refundNode(order: Order, refund: Refund): Node {
  const goods = sumOf(refund.lines.map((line) => line.goodsCents + line.taxCents));
  const restockType = order.cancelledAt !== null ? "CANCEL" : refund.restocked ? "RETURN" : "NO_RESTOCK";
  const at = shopifyTime(refund.at);
  return {
    id: gid("Refund", refund.id),
    legacyResourceId: String(refund.id),
    createdAt: at,
    processedAt: at,
    updatedAt: at,
    note: refund.note,
    totalRefundedSet: bag(goods + refund.shippingCents),
    refundLineItems: (args: PageArgs) =>
      pageOf(refund.lines, args, ({ line, quantity, goodsCents, taxCents }) => ({
        id: gid("RefundLineItem", line.id + 500_000_000_000),
        quantity,
        restockType,
        restocked: refund.restocked,
        lineItem: lineNode(order, line),
        priceSet: bag(Math.round(goodsCents / quantity)),
        subtotalSet: bag(goodsCents),
        totalTaxSet: bag(taxCents),
      })),
    refundShippingLines: (args: PageArgs) =>
      pageOf(refund.shippingCents === 0 ? [] : [order], args, () => ({
        id: gid("RefundShippingLine", refund.id + 1),
        shippingLine: shippingNode(order),
        subtotalAmountSet: bag(refund.shippingCents),
        taxAmountSet: bag(0),
      })),
    orderAdjustments: (args: PageArgs) => pageOf([], args, () => ({})),
    transactions: (args: PageArgs) => pageOf([refundPayment(order, refund)], args, (node) => node),
  };
}

function refundPayment(order: Order, refund: Refund): Node {
  const goods = sumOf(refund.lines.map((line) => line.goodsCents + line.taxCents));
  return {
    id: gid("OrderTransaction", refund.id + 2),
    kind: "REFUND",
    status: "SUCCESS",
    test: false,
    gateway: gateway(order),
    createdAt: shopifyTime(refund.at),
    processedAt: shopifyTime(refund.at),
    amountSet: bag(goods + refund.shippingCents),
  };
}

/** A visit that led to an order: when, and what its link carried. */
export interface OrderVisit {
  readonly entrance: Entrance;
  /** Ms since 1970 UTC. */
  readonly at: number;
  readonly landingPage: string;
  readonly referrer: string | null;
}

/** The visits that led to an order, oldest first: a third of the buyers came first by another way. Staff orders have no visits. */
export function visitsOf(order: Order): readonly OrderVisit[] {
  if (order.entrance === null) return [];
  const days = daysToConversion(order);
  const last = visitBy(order, order.entrance, order.at - 300_000 - (order.number % 50) * 30_000);
  if (days === 0) return [last];
  const other = ENTRANCES[order.number % ENTRANCES.length] ?? order.entrance;
  return [visitBy(order, other, order.at - days * DAY), last];
}

function daysToConversion({ number }: Order): number {
  return number % 3 === 0 ? 1 + (number % 6) : 0;
}

/** A link as it was clicked: campaign tags, click ids and referrer, now and then only one of them, as in life. */
function visitBy(order: Order, entrance: Entrance, at: number): OrderVisit {
  const { tags, click, referrer } = traceOf(order, entrance);
  const query = new URLSearchParams({ ...tags, ...click }).toString();
  const page = order.number % 4 === 0 ? "/" : `/products/${order.lines[0]?.product.handle ?? ""}`;
  return { entrance, at, landingPage: `${SHOP_URL}${page}${query === "" ? "" : `?${query}`}`, referrer };
}

function journeyNode(order: Order): Node {
  const index = order.customerIndex === 0 ? null : order.customerIndex;
  const visits = visitsOf(order);
  const [first, last] = [visits[0], visits.at(-1)];
  const start = { ready: true, customerOrderIndex: index };
  if (first === undefined || last === undefined)
    return { ...start, daysToConversion: null, firstVisit: null, lastVisit: null };
  const lastVisit = visitNode(order, last);
  const firstVisit = first === last ? lastVisit : visitNode(order, first);
  return { ...start, daysToConversion: daysToConversion(order), firstVisit, lastVisit };
}

function visitNode(order: Order, { entrance, at, landingPage, referrer }: OrderVisit): Node {
  const { source, sourceType, tags } = traceOf(order, entrance);
  return {
    id: gid("CustomerVisit", order.id + Math.floor(at / 1000)),
    occurredAt: shopifyTime(at),
    source,
    sourceType,
    landingPage,
    referrerUrl: referrer,
    utmParameters:
      tags.utm_source === undefined
        ? null
        : {
            source: tags.utm_source,
            medium: tags.utm_medium ?? null,
            campaign: tags.utm_campaign ?? null,
            content: null,
            term: null,
          },
  };
}

interface Trace {
  readonly source: string;
  readonly sourceType: string | null;
  readonly referrer: string | null;
  readonly tags: { readonly utm_source?: string; readonly utm_medium?: string; readonly utm_campaign?: string };
  readonly click: Readonly<Record<string, string>>;
}

function traceOf(order: Order, entrance: Entrance): Trace {
  const clickId = (order.id * 7919).toString(36);
  const tags = {
    utm_source: entrance.source,
    utm_medium: entrance.medium,
    ...(entrance.campaign === null ? {} : { utm_campaign: entrance.campaign }),
  };
  // Every seventh ad click has lost its tags or its click id.
  const lost = order.number % 7;
  switch (entrance.channel) {
    case "meta": {
      const network = entrance.source === "instagram" ? "instagram" : "facebook";
      return {
        source: network === "instagram" ? "Instagram" : "Facebook",
        sourceType: "AD",
        referrer: `https://l.${network}.com/`,
        tags: lost === 1 ? {} : tags,
        click: lost === 2 ? {} : { fbclid: `IwAR${clickId}` },
      };
    }
    case "google":
      return {
        source: "Google",
        sourceType: "AD",
        referrer: "https://www.google.com/",
        tags: lost === 1 ? {} : tags,
        click: { gclid: `Cj0KCQ${clickId}` },
      };
    case "organic": {
      const [source, host] = entrance.source === "bing" ? ["Bing", "www.bing.com"] : ["Google", "www.google.com"];
      return { source, sourceType: "SEO", referrer: `https://${host}/`, tags: {}, click: {} };
    }
    case "email":
      return { source: "klaviyo", sourceType: "NEWSLETTER", referrer: null, tags, click: {} };
    case "affiliate":
      return { source: entrance.source, sourceType: "AFFILIATE", referrer: "https://deals.example/", tags, click: {} };
    case "direct":
      return { source: "direct", sourceType: null, referrer: null, tags: {}, click: {} };
  }
}
