/**
 * GraphQL documents of Admin API 2026-10. The operation name says which document it is.
 * Amounts in shop currency only: presentment money doubles the query cost and nothing reads it yet.
 * Selections are shared as text, because a bulk document may have no variables; what a page and a file bring is the same.
 */

const MONEY = "{ shopMoney { amount currencyCode } }";
const PAGE_INFO = "pageInfo { hasNextPage endCursor }";

const VISIT =
  "{ occurredAt source sourceType landingPage referrerUrl utmParameters { source medium campaign content term } }";

const LINE = `id name title sku vendor quantity currentQuantity isGiftCard
  product { id productType } variant { id } variantTitle
  originalUnitPriceSet ${MONEY} originalTotalSet ${MONEY} discountedTotalSet ${MONEY}
  discountAllocations { allocatedAmountSet ${MONEY} }`;

const TRANSACTION = `id kind status test gateway createdAt processedAt amountSet ${MONEY}`;

const EMAIL = "email @include(if: $withEmail)";

const ORDER = `id legacyResourceId name createdAt processedAt updatedAt cancelledAt cancelReason test sourceName taxesIncluded
  currencyCode presentmentCurrencyCode displayFinancialStatus displayFulfillmentStatus
  ${EMAIL}
  customer { id } tags discountCodes paymentGatewayNames
  shippingAddress { countryCodeV2 provinceCode city } billingAddress { countryCodeV2 provinceCode city }
  customerJourneySummary { ready customerOrderIndex firstVisit ${VISIT} lastVisit ${VISIT} }
  totalPriceSet ${MONEY} subtotalPriceSet ${MONEY} totalTaxSet ${MONEY} totalDiscountsSet ${MONEY}
  totalShippingPriceSet ${MONEY} totalTipReceivedSet ${MONEY} originalTotalDutiesSet ${MONEY} totalRefundedSet ${MONEY}
  currentTotalPriceSet ${MONEY}`;

/** Refunds by id only: their parts are dear, most orders have none, and those of a whole page are asked for in one go. */
const ORDER_PAGE = `${ORDER}
  refunds(first: $refunds) { id }
  transactions(first: $transactions) { ${TRANSACTION} }
  lineItems(first: $lines) { ${PAGE_INFO} nodes { ${LINE} } }`;

const ORDER_VARIABLES = "$lines: Int!, $refunds: Int!, $transactions: Int!, $withEmail: Boolean!";

/** A page of orders with their first lines, payments and the ids of refunds. `$withEmail` is false without access to personal data. */
export const ORDERS_QUERY = `query Orders($first: Int!, $after: String, $q: String!, ${ORDER_VARIABLES}) {
  orders(first: $first, after: $after, query: $q, sortKey: UPDATED_AT) { ${PAGE_INFO} nodes { ${ORDER_PAGE} } }
}`;

/** Orders by their ids, in the shape of a page. */
export const ORDERS_BY_KEY_QUERY = `query OrdersByKey($ids: [ID!]!, ${ORDER_VARIABLES}) {
  nodes(ids: $ids) { ... on Order { ${ORDER_PAGE} } }
}`;

/** More lines of one order. */
export const ORDER_LINES_QUERY = `query OrderLines($id: ID!, $after: String, $lines: Int!) {
  order(id: $id) { id lineItems(first: $lines, after: $after) { ${PAGE_INFO} nodes { ${LINE} } } }
}`;

/** The ids of all refunds of one order, asked when the page of orders may not have held them all. */
export const ORDER_REFUND_IDS_QUERY = `query OrderRefundIds($id: ID!, $refunds: Int!) {
  order(id: $id) { id refunds(first: $refunds) { id } }
}`;

/** All payments of one order. */
export const ORDER_TRANSACTIONS_QUERY = `query OrderTransactions($id: ID!, $transactions: Int!) {
  order(id: $id) { id transactions(first: $transactions) { ${TRANSACTION} } }
}`;

const REFUND_LINE = `id quantity restockType lineItem { id } subtotalSet ${MONEY} totalTaxSet ${MONEY}`;

const REFUND_EXTRAS = `refundShippingLines(first: $extras) { ${PAGE_INFO} nodes { id subtotalAmountSet ${MONEY} taxAmountSet ${MONEY} } }
  orderAdjustments(first: $extras) { ${PAGE_INFO} nodes { id reason amountSet ${MONEY} taxAmountSet ${MONEY} } }
  transactions(first: $extras) { ${PAGE_INFO} nodes { id kind status processedAt gateway amountSet ${MONEY} } }`;

/** Refunds by their ids, of several orders at once. */
export const REFUNDS_QUERY = `query Refunds($ids: [ID!]!, $refundLines: Int!, $extras: Int!) {
  nodes(ids: $ids) { ... on Refund {
    id createdAt processedAt updatedAt totalRefundedSet ${MONEY}
    refundLineItems(first: $refundLines) { ${PAGE_INFO} nodes { ${REFUND_LINE} } }
    ${REFUND_EXTRAS}
  } }
}`;

/** More lines of one refund. */
export const REFUND_LINES_QUERY = `query RefundLines($id: ID!, $after: String, $refundLines: Int!) {
  refund(id: $id) { id refundLineItems(first: $refundLines, after: $after) { ${PAGE_INFO} nodes { ${REFUND_LINE} } } }
}`;

/** The short lists of one refund, from their beginning. */
export const REFUND_EXTRAS_QUERY = `query RefundExtras($id: ID!, $extras: Int!) {
  refund(id: $id) { id ${REFUND_EXTRAS} }
}`;

const CUSTOMER = `id legacyResourceId createdAt updatedAt state tags numberOfOrders amountSpent { amount currencyCode }
  defaultEmailAddress @include(if: $withEmail) { emailAddress marketingState }
  defaultAddress { countryCodeV2 provinceCode city }`;

/** A page of customers; nothing about them but the place, the counts and, when allowed, the e-mail. */
export const CUSTOMERS_QUERY = `query Customers($first: Int!, $after: String, $q: String!, $withEmail: Boolean!) {
  customers(first: $first, after: $after, query: $q, sortKey: UPDATED_AT) { ${PAGE_INFO} nodes { ${CUSTOMER} } }
}`;

const VARIANT = `id legacyResourceId sku title price compareAtPrice position createdAt updatedAt
  inventoryItem { id tracked unitCost { amount currencyCode } }`;

const PRODUCT = `id legacyResourceId title handle vendor productType status tags createdAt updatedAt isGiftCard
  category { id fullName } priceRangeV2 { minVariantPrice { amount currencyCode } }`;

/** A page of products with their first variants. */
export const PRODUCTS_QUERY = `query Products($first: Int!, $after: String, $q: String!, $variants: Int!) {
  products(first: $first, after: $after, query: $q, sortKey: UPDATED_AT) {
    ${PAGE_INFO} nodes { ${PRODUCT} variants(first: $variants) { ${PAGE_INFO} nodes { ${VARIANT} } } }
  }
}`;

/** More variants of one product. */
export const PRODUCT_VARIANTS_QUERY = `query ProductVariants($id: ID!, $after: String, $variants: Int!) {
  product(id: $id) { id variants(first: $variants, after: $after) { ${PAGE_INFO} nodes { ${VARIANT} } } }
}`;

/** A page of deletions. The field is deprecated in favour of `events`, which does not say that it reports every deletion. */
export const DELETION_EVENTS_QUERY = `query DeletionEvents($first: Int!, $after: String, $q: String!) {
  deletionEvents(first: $first, after: $after, query: $q, subjectTypes: [PRODUCT, COLLECTION], sortKey: CREATED_AT) {
    ${PAGE_INFO} nodes { subjectId subjectType occurredAt }
  }
}`;

const SCOPES = "currentAppInstallation { accessScopes { handle } }";

/** How many orders a search finds, and whether the app may see those older than 60 days at all. */
export const ORDERS_COUNT_QUERY = `query OrdersCount($q: String!, $limit: Int!) { ordersCount(query: $q, limit: $limit) { count precision } ${SCOPES} }`;

/** How many customers a search finds. */
export const CUSTOMERS_COUNT_QUERY =
  "query CustomersCount($q: String!, $limit: Int!) { customersCount(query: $q, limit: $limit) { count precision } }";

/** How many products a search finds. */
export const PRODUCTS_COUNT_QUERY =
  "query ProductsCount($q: String!, $limit: Int!) { productsCount(query: $q, limit: $limit) { count precision } }";

/** The shop behind the credentials, and what the app may read. */
export const SHOP_QUERY = `query Shop { shop { name myshopifyDomain currencyCode ianaTimezone } ${SCOPES} }`;

/** The app's newest bulk operations. */
export const BULK_OPERATIONS_QUERY = `query BulkOperations($first: Int!) {
  bulkOperations(first: $first, query: "operation_type:query", sortKey: CREATED_AT, reverse: true) { nodes { id status query } }
}`;

/** Starts a bulk operation. Grouping would slow it down, and lines are put together by their ids anyhow. */
export const BULK_RUN_QUERY = `mutation BulkRun($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: false) { bulkOperation { id status } userErrors { code field message } }
}`;

/** How a bulk operation is doing. */
export const BULK_OPERATION_QUERY = `query BulkOperation($id: ID!) {
  bulkOperation(id: $id) { id status errorCode objectCount rootObjectCount fileSize url partialDataUrl }
}`;

/** What a bulk document is made of. */
export interface BulkSelection {
  readonly orders: (withEmail: boolean) => string;
  readonly customers: (withEmail: boolean) => string;
  readonly products: string;
}

/** Selections of roots in bulk documents. Children tell their type, by which they are put back under their root. */
export const BULK: BulkSelection = {
  orders: (withEmail) =>
    `${plain(ORDER, withEmail)} refunds { id } transactions { ${TRANSACTION} } lineItems { edges { node { __typename ${LINE} } } }`,
  customers: (withEmail) => plain(CUSTOMER, withEmail),
  products: `${PRODUCT} variants { edges { node { __typename ${VARIANT} } } }`,
};

/** The selection without directives: a bulk document has no variables. */
function plain(selection: string, withEmail: boolean): string {
  if (withEmail) return selection.replaceAll(" @include(if: $withEmail)", "");
  return selection.replace(EMAIL, "").replace(/defaultEmailAddress @include[^{]*\{[^}]*\}/, "");
}

/** A bulk document over everything that a search finds. */
export function bulkDocument(root: "orders" | "customers" | "products", search: string, selection: string): string {
  return `{ ${root}(query: ${JSON.stringify(search)}, sortKey: UPDATED_AT) { edges { node { ${selection} } } } }`;
}
