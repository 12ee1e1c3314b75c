/**
 * GraphQL documents of Admin API 2026-10. The operation name says which document it is.
 * Amounts in shop currency only: presentment money doubles the query cost and nothing reads it yet.
 */

const MONEY = "fragment M on MoneyBag { shopMoney { amount currencyCode } }";

const VISIT =
  "fragment V on CustomerVisit { occurredAt source sourceType landingPage referrerUrl utmParameters { source medium campaign content term } }";

const LINE = `fragment L on LineItem {
  id name title sku vendor quantity currentQuantity isGiftCard
  product { id productType } variant { id } variantTitle
  originalUnitPriceSet { ...M } originalTotalSet { ...M } discountedTotalSet { ...M }
  discountAllocations { allocatedAmountSet { ...M } }
}`;

const REFUND_LINE = `fragment RL on RefundLineItem {
  id quantity restockType lineItem { id } subtotalSet { ...M } totalTaxSet { ...M }
}`;

const REFUND = `fragment R on Refund {
  id createdAt processedAt updatedAt totalRefundedSet { ...M }
  refundLineItems(first: $refundLines) { pageInfo { hasNextPage endCursor } nodes { ...RL } }
  refundShippingLines(first: 3) { pageInfo { hasNextPage } nodes { id subtotalAmountSet { ...M } taxAmountSet { ...M } } }
  orderAdjustments(first: 3) { pageInfo { hasNextPage } nodes { id reason amountSet { ...M } taxAmountSet { ...M } } }
  transactions(first: 5) { pageInfo { hasNextPage } nodes { id kind status processedAt gateway amountSet { ...M } } }
}`;

/** A page of orders with their first lines and refunds. `$withEmail` is false for shops without access to personal data. */
export const ORDERS_QUERY = `query Orders($first: Int!, $after: String, $q: String!, $lines: Int!, $refunds: Int!, $refundLines: Int!, $withEmail: Boolean!) {
  orders(first: $first, after: $after, query: $q, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id legacyResourceId name createdAt processedAt updatedAt cancelledAt cancelReason test sourceName taxesIncluded
      currencyCode presentmentCurrencyCode displayFinancialStatus displayFulfillmentStatus
      email @include(if: $withEmail)
      customer { id } tags discountCodes paymentGatewayNames
      shippingAddress { countryCodeV2 provinceCode city } billingAddress { countryCodeV2 provinceCode city }
      customerJourneySummary { ready customerOrderIndex firstVisit { ...V } lastVisit { ...V } }
      totalPriceSet { ...M } subtotalPriceSet { ...M } totalTaxSet { ...M } totalDiscountsSet { ...M }
      totalShippingPriceSet { ...M } totalTipReceivedSet { ...M } originalTotalDutiesSet { ...M } totalRefundedSet { ...M }
      currentTotalPriceSet { ...M }
      refunds(first: $refunds) { ...R }
      lineItems(first: $lines) { pageInfo { hasNextPage endCursor } nodes { ...L } }
    }
  }
}
${LINE}
${REFUND}
${REFUND_LINE}
${VISIT}
${MONEY}`;

/** More lines of one order. */
export const ORDER_LINES_QUERY = `query OrderLines($id: ID!, $after: String, $lines: Int!) {
  order(id: $id) { id lineItems(first: $lines, after: $after) { pageInfo { hasNextPage endCursor } nodes { ...L } } }
}
${LINE}
${MONEY}`;

/** All refunds of one order, asked when the page of orders may not have held them all. */
export const ORDER_REFUNDS_QUERY = `query OrderRefunds($id: ID!, $refunds: Int!, $refundLines: Int!) {
  order(id: $id) { id refunds(first: $refunds) { ...R } }
}
${REFUND}
${REFUND_LINE}
${MONEY}`;

/** More lines of one refund. */
export const REFUND_LINES_QUERY = `query RefundLines($id: ID!, $after: String, $refundLines: Int!) {
  refund(id: $id) { id refundLineItems(first: $refundLines, after: $after) { pageInfo { hasNextPage endCursor } nodes { ...RL } } }
}
${REFUND_LINE}
${MONEY}`;

/** A page of customers; nothing about them but the place, the counts and, when allowed, the e-mail. */
export const CUSTOMERS_QUERY = `query Customers($first: Int!, $after: String, $q: String!, $withEmail: Boolean!) {
  customers(first: $first, after: $after, query: $q, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id legacyResourceId createdAt updatedAt state tags numberOfOrders amountSpent { amount currencyCode }
      defaultEmailAddress @include(if: $withEmail) { emailAddress marketingState }
      defaultAddress { countryCodeV2 provinceCode city }
    }
  }
}`;

const VARIANT = `fragment VA on ProductVariant {
  id legacyResourceId sku title price compareAtPrice position createdAt updatedAt
  inventoryItem { id tracked unitCost { amount currencyCode } }
}`;

/** A page of products with their first variants. */
export const PRODUCTS_QUERY = `query Products($first: Int!, $after: String, $q: String!, $variants: Int!) {
  products(first: $first, after: $after, query: $q, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id legacyResourceId title handle vendor productType status tags createdAt updatedAt isGiftCard
      category { id fullName }
      priceRangeV2 { minVariantPrice { amount currencyCode } }
      variants(first: $variants) { pageInfo { hasNextPage endCursor } nodes { ...VA } }
    }
  }
}
${VARIANT}`;

/** More variants of one product. */
export const PRODUCT_VARIANTS_QUERY = `query ProductVariants($id: ID!, $after: String, $variants: Int!) {
  product(id: $id) { id variants(first: $variants, after: $after) { pageInfo { hasNextPage endCursor } nodes { ...VA } } }
}
${VARIANT}`;
