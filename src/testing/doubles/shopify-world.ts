/** An object as the Admin API has it; a connection is the list of its nodes. */
export interface ShopNode {
  [field: string]: unknown;
}

/** What exists in the shop. The lists may be changed between requests. */
export interface ShopifyWorld {
  orders: ShopNode[];
  customers: ShopNode[];
  products: ShopNode[];
  deletions: ShopNode[];
  readonly shop: ShopNode;
}

/** Kinds of shops. */
export interface ShopifyWorldOptions {
  readonly orders?: number;
  readonly customers?: number;
  readonly currency?: "USD" | "JPY" | "KWD";
}

const START = Date.parse("2025-12-25T00:00:00Z");
const HOUR = 3_600_000;
const DIGITS = { USD: 2, JPY: 0, KWD: 3 } as const;

/** An instant as Shopify prints it. */
export function at(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}

/** A deterministic shop: forty days of orders with everything that was ever read wrongly. */
export function shopifyWorld(options: ShopifyWorldOptions = {}): ShopifyWorld {
  const { orders = 320, customers = 260, currency = "USD" } = options;
  const make = maker(currency);
  return {
    orders: Array.from({ length: orders }, (_, index) => make.order(index)),
    customers: Array.from({ length: customers }, (_, index) => customer(index, currency)),
    products: Array.from({ length: 30 }, (_, index) => make.product(index)),
    deletions: Array.from({ length: 260 }, (_, index) => ({
      subjectId: `gid://shopify/${index % 5 === 4 ? "Collection" : "Product"}/${90_000 + index}`,
      subjectType: index % 5 === 4 ? "COLLECTION" : "PRODUCT",
      occurredAt: at(START + index * 2 * HOUR),
    })),
    shop: {
      id: "gid://shopify/Shop/1",
      name: "Northwind Tea",
      myshopifyDomain: "northwind-tea.myshopify.com",
      currencyCode: currency,
      ianaTimezone: "America/Los_Angeles",
    },
  };
}

function maker(currency: keyof typeof DIGITS) {
  const money = (minor: number) => ({
    amount: (minor / 10 ** DIGITS[currency]).toFixed(DIGITS[currency]),
    currencyCode: currency,
  });
  const bag = (minor: number) => ({ shopMoney: money(minor), presentmentMoney: money(minor) });
  return {
    order: (index: number) => order(index, currency, bag),
    product: (index: number) => product(index, money),
  };
}

type Bag = (minor: number) => ShopNode;

function linesOf(index: number): number {
  if (index === 200) return 70;
  return index % 40 === 7 ? 12 : 1 + (index % 3);
}

function lines(index: number, bag: Bag): readonly ShopNode[] {
  return Array.from({ length: linesOf(index) }, (_, place) => {
    const unit = 1000 + ((index * 37 + place * 11) % 5000);
    const quantity = 1 + (place % 2);
    const discount = index % 4 === 0 ? Math.round((unit * quantity) / 10) : 0;
    const isRemoved = index % 23 === 2 && place === 0;
    return {
      __typename: "LineItem",
      id: `gid://shopify/LineItem/${index * 100 + place + 1_000_000}`,
      name: `Tea ${place}`,
      title: `Tea ${place}`,
      sku: `T-${place}`,
      vendor: "Northwind Tea",
      quantity,
      currentQuantity: isRemoved ? 0 : quantity,
      isGiftCard: false,
      product: index % 31 === 5 ? null : { id: `gid://shopify/Product/${500 + (place % 30)}`, productType: "Tea" },
      variant: { id: `gid://shopify/ProductVariant/${5000 + place}` },
      variantTitle: "100 g",
      originalUnitPriceSet: bag(unit),
      originalTotalSet: bag(unit * quantity),
      discountedTotalSet: bag(unit * quantity),
      discountAllocations: discount === 0 ? [] : [{ allocatedAmountSet: bag(discount) }],
      gross: unit * quantity,
      discount,
    };
  });
}

function order(index: number, currency: string, bag: Bag): ShopNode {
  const items = lines(index, bag);
  const sum = (name: string) => items.reduce((total, item) => total + Number(item[name]), 0);
  const [gross, discount] = [sum("gross"), sum("discount")];
  const tax = Math.round((gross - discount) / 10);
  const total = gross - discount + tax + 500;
  const created = START + index * 3 * HOUR;
  const refunds = refundsOf(index, items, created, bag);
  const refunded = refunds.reduce((all, refund) => all + Number(refund["total"]), 0);
  const isGuest = index % 7 === 3;
  const place = { countryCodeV2: "US", provinceCode: "OR", city: "Portland" };
  return {
    __typename: "Order",
    id: `gid://shopify/Order/${10_000 + index}`,
    legacyResourceId: String(10_000 + index),
    name: `#${1000 + index}`,
    createdAt: at(created),
    processedAt: at(created),
    updatedAt: at(created + 60_000 + refunds.length * 24 * HOUR),
    cancelledAt: index % 61 === 9 ? at(created + HOUR) : null,
    cancelReason: index % 61 === 9 ? "CUSTOMER" : null,
    test: index % 60 === 11,
    edited: index % 23 === 2,
    sourceName: "web",
    taxesIncluded: false,
    currencyCode: currency,
    presentmentCurrencyCode: currency,
    displayFinancialStatus: refunded > 0 ? "PARTIALLY_REFUNDED" : "PAID",
    displayFulfillmentStatus: "FULFILLED",
    email: isGuest ? `guest${index}@example.com` : `c${index % 260}@example.com`,
    customer: isGuest ? null : { __typename: "Customer", id: `gid://shopify/Customer/${7000 + (index % 260)}` },
    tags: index % 8 === 0 ? ["gift", "winter"] : [],
    discountCodes: discount > 0 ? ["TEN"] : [],
    paymentGatewayNames: ["shopify_payments"],
    shippingAddress: index % 13 === 0 ? null : place,
    billingAddress: place,
    customerJourneySummary: index % 17 === 0 ? null : journey(index, created),
    totalPriceSet: bag(total),
    subtotalPriceSet: bag(gross - discount),
    totalTaxSet: bag(tax),
    totalDiscountsSet: bag(discount),
    totalShippingPriceSet: bag(500),
    totalTipReceivedSet: bag(0),
    originalTotalDutiesSet: null,
    totalRefundedSet: bag(refunded),
    currentTotalPriceSet: bag(total - refunded),
    refunds,
    transactions: transactionsOf(index, total, created, bag).concat(refunds.flatMap((refund) => payments(refund))),
    lineItems: items,
  };
}

function payments(refund: ShopNode): readonly ShopNode[] {
  return refund["transactions"] as readonly ShopNode[];
}

function journey(index: number, created: number): ShopNode {
  const visit = {
    occurredAt: at(created - HOUR),
    source: "Google",
    sourceType: "SEO",
    landingPage: "https://northwind-tea.example/?utm_source=google",
    referrerUrl: "https://www.google.com/",
    utmParameters:
      index % 2 === 0 ? null : { source: "google", medium: "cpc", campaign: "tea", content: null, term: null },
  };
  return { ready: true, customerOrderIndex: 1, firstVisit: index % 5 === 0 ? null : visit, lastVisit: visit };
}

/** Authorized and captured, sold and captured besides, paid in many parts, or just sold. */
function transactionsOf(index: number, total: number, created: number, bag: Bag): readonly ShopNode[] {
  const kinds =
    index === 33
      ? Array.from({ length: 6 }, () => "SALE")
      : index % 50 === 1
        ? ["SALE", "CAPTURE"]
        : index % 5 === 0
          ? ["AUTHORIZATION", "CAPTURE"]
          : ["SALE"];
  return kinds.map((kind, place) => transaction(index * 10 + place, kind, created, bag(total)));
}

function transaction(id: number, kind: string, instant: number, amountSet: ShopNode): ShopNode {
  return {
    __typename: "OrderTransaction",
    id: `gid://shopify/OrderTransaction/${id}`,
    kind,
    status: "SUCCESS",
    test: false,
    gateway: "shopify_payments",
    createdAt: at(instant),
    processedAt: at(instant),
    amountSet,
  };
}

function refundCount(index: number): number {
  if (index === 100 || index === 200) return 1;
  return index % 45 === 4 ? 3 : index % 9 === 4 ? 1 : 0;
}

function refundsOf(index: number, items: readonly ShopNode[], created: number, bag: Bag): readonly ShopNode[] {
  return Array.from({ length: refundCount(index) }, (_, place) => {
    const id = index * 10 + place;
    const back = index === 200 ? items.slice(0, 65) : items.slice(0, 1);
    const extras = index === 100 ? 3 : place === 0 ? 1 : 0;
    const total = back.length * 110 + extras * 22;
    const when = created + (place + 1) * 24 * HOUR;
    const list = (name: string, size: number, more: ShopNode) =>
      Array.from({ length: size }, (_unused, one) => ({ id: `gid://shopify/${name}/${id * 100 + one}`, ...more }));
    return {
      __typename: "Refund",
      id: `gid://shopify/Refund/${id}`,
      createdAt: at(when),
      processedAt: at(when),
      updatedAt: at(when),
      totalRefundedSet: bag(total),
      refundLineItems: back.map((item, one) => ({
        id: `gid://shopify/RefundLineItem/${id * 100 + one}`,
        quantity: 1,
        restockType: "RETURN",
        lineItem: item,
        subtotalSet: bag(100),
        totalTaxSet: bag(10),
      })),
      refundShippingLines: list("RefundShippingLine", extras, { subtotalAmountSet: bag(20), taxAmountSet: bag(2) }),
      orderAdjustments: list("OrderAdjustment", index === 100 ? 3 : 0, {
        reason: "REFUND_DISCREPANCY",
        amountSet: bag(1),
        taxAmountSet: bag(0),
      }),
      transactions: [transaction(500_000 + id, "REFUND", when, bag(total))],
      total,
    };
  });
}

function customer(index: number, currency: string): ShopNode {
  return {
    __typename: "Customer",
    id: `gid://shopify/Customer/${7000 + index}`,
    legacyResourceId: String(7000 + index),
    createdAt: at(START + index * HOUR),
    updatedAt: at(START + index * 3 * HOUR),
    state: "ENABLED",
    tags: [],
    numberOfOrders: "1",
    amountSpent: { amount: "10.0", currencyCode: currency },
    defaultEmailAddress:
      index % 6 === 0 ? null : { emailAddress: `c${index}@example.com`, marketingState: "SUBSCRIBED" },
    defaultAddress: index % 5 === 0 ? null : { countryCodeV2: "US", provinceCode: "OR", city: "Portland" },
  };
}

function product(index: number, money: (minor: number) => ShopNode): ShopNode {
  const times = { createdAt: at(START), updatedAt: at(START + index * 20 * HOUR) };
  return {
    __typename: "Product",
    id: `gid://shopify/Product/${500 + index}`,
    legacyResourceId: String(500 + index),
    title: `Tea ${index}`,
    handle: `tea-${index}`,
    vendor: "Northwind Tea",
    productType: "Tea",
    status: "ACTIVE",
    tags: [],
    ...times,
    isGiftCard: false,
    category: null,
    priceRangeV2: { minVariantPrice: money(1000) },
    variants: Array.from({ length: index === 3 ? 130 : 1 + (index % 4) }, (_, place) => ({
      __typename: "ProductVariant",
      id: `gid://shopify/ProductVariant/${index * 1000 + place}`,
      legacyResourceId: String(index * 1000 + place),
      sku: `T-${index}-${place}`,
      title: `${place}`,
      price: String(money(1000 + place)["amount"]),
      compareAtPrice: null,
      position: place + 1,
      ...times,
      inventoryItem: {
        id: `gid://shopify/InventoryItem/${index * 1000 + place}`,
        tracked: true,
        unitCost: place % 3 === 2 ? null : money(400),
      },
    })),
  };
}
