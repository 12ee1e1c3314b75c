import type { HttpRequest, HttpResponse } from "../http/types.js";
import { type GraphAnswer, graphServer, type Node, type PageArgs, pageOf } from "./graphql.js";
import { isCounted, moneyOf } from "./orders.js";
import { jsonResponse, readJson } from "./respond.js";
import { type Bulk, bulkOf } from "./shopify-bulk.js";
import {
  addressNode,
  gid,
  moneyV2,
  ORDER_TYPES,
  orderNode,
  productType,
  refundNode,
  shopifyTime,
} from "./shopify-order.js";
import type { Customer, Order, Product, Variant, World } from "./types.js";

const DAY = 86_400_000;

/** What the demo shop answers; every name is one of the vendor's. */
export const SHOPIFY_TYPES = {
  QueryRoot: `orders:Order* customers:Customer* products:Product* order:Order customer:Customer product:Product
    refund:Refund shop:Shop nodes:[Node] ordersCount:Count customersCount:Count productsCount:Count
    deletionEvents:DeletionEvent* currentAppInstallation:AppInstallation bulkOperation:BulkOperation
    bulkOperations:BulkOperation*`,
  Node: "id",
  Count: "count precision",
  DeletionEvent: "subjectId subjectType occurredAt",
  AppInstallation: "accessScopes:[AccessScope]",
  AccessScope: "handle",
  BulkOperation: "id status query errorCode objectCount rootObjectCount fileSize url partialDataUrl",
  PageInfo: "hasNextPage hasPreviousPage startCursor endCursor",
  Shop: "id name myshopifyDomain currencyCode ianaTimezone taxesIncluded",
  ...ORDER_TYPES,
  Customer: `id legacyResourceId createdAt updatedAt firstName lastName displayName locale state tags taxExempt
    verifiedEmail numberOfOrders amountSpent:MoneyV2 defaultEmailAddress:CustomerEmailAddress
    defaultPhoneNumber:CustomerPhoneNumber defaultAddress:MailingAddress lastOrder:Order`,
  CustomerEmailAddress: "emailAddress marketingState",
  CustomerPhoneNumber: "phoneNumber marketingState",
  Product: `id legacyResourceId title handle vendor productType status tags createdAt updatedAt publishedAt
    totalInventory isGiftCard category:TaxonomyCategory priceRangeV2:ProductPriceRangeV2 variants:ProductVariant*`,
  TaxonomyCategory: "id fullName",
  ProductPriceRangeV2: "minVariantPrice:MoneyV2 maxVariantPrice:MoneyV2",
  ProductVariant: `id legacyResourceId sku title barcode price compareAtPrice position inventoryQuantity taxable
    createdAt updatedAt inventoryItem:InventoryItem`,
  InventoryItem: "id tracked unitCost:MoneyV2",
} as const;

/** Answers `POST /admin/api/<version>/graphql.json` and the token endpoint of one shop. */
export function shopifyResponder(world: World): (request: HttpRequest) => HttpResponse {
  let bulk: Bulk | undefined;
  const root = queryRoot(world, (id) => bulk?.show(id) ?? null);
  const answer = graphServer(SHOPIFY_TYPES, root);
  return (request) => {
    const { pathname: path, origin } = new URL(request.url);
    bulk ??= bulkOf(() => root, origin);
    if (path.startsWith("/bulk/")) return bulk.file(path);
    if (path === "/admin/oauth/access_token") {
      return jsonResponse(200, {
        access_token: "shpat_demo",
        scope: "read_orders,read_all_orders",
        expires_in: 86_399,
      });
    }
    const version = /^\/admin\/api\/([^/]+)\/graphql\.json$/.exec(path)?.[1];
    if (version === undefined || request.method !== "POST") return jsonResponse(404, { errors: "Not Found" });
    const body = readJson(request.body) as { readonly query?: unknown; readonly variables?: Node | null };
    if (typeof body.query !== "string") return jsonResponse(400, { errors: { query: "Required parameter missing" } });
    const document = body.variables?.["query"];
    const given =
      body.query.startsWith("mutation BulkRun") && typeof document === "string"
        ? {
            data: {
              bulkOperationRunQuery: { bulkOperation: { id: bulk.idOf(document), status: "CREATED" }, userErrors: [] },
            },
          }
        : answer(body.query, body.variables ?? {});
    return jsonResponse(200, { ...given, ...costOf(given) }, { "x-shopify-api-version": version });
  };
}

/** A bucket that is always nearly full: the vendor's own table of costs is not published. */
function costOf(given: GraphAnswer): Node {
  const used = "data" in given ? 20 : 0;
  return {
    extensions: {
      cost: {
        requestedQueryCost: used,
        actualQueryCost: "data" in given ? used : null,
        throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 2000 - used, restoreRate: 100 },
      },
    },
  };
}

function queryRoot(world: World, bulkOperation: (id: string) => Node | null): Node {
  const ordersOf = groupedBy(world.orders, (order) => order.customer?.id ?? 0);
  const orders = listOf(
    world.orders.map((order) => ({ item: order, id: order.id, createdAt: order.at, updatedAt: order.updatedAt })),
    { type: "Order", show: ({ item }) => orderNode(item) },
  );
  const customers = listOf(
    world.customers.map((customer) => {
      const updatedAt = Math.max(...(ordersOf.get(customer.id) ?? []).map((order) => order.at + 95_000));
      return { item: customer, id: customer.id, createdAt: customer.createdAt, updatedAt };
    }),
    { type: "Customer", show: (entry) => customerNode(entry, ordersOf.get(entry.id) ?? []) },
  );
  const products = listOf(productEntries(world), { type: "Product", show: productNode });
  const refunds = new Map(
    world.orders.flatMap((order) => order.refunds.map((refund) => [gid("Refund", refund.id), { order, refund }])),
  );
  const deletions = listOf(deletedProducts(world), { type: "Product", show: deletionNode });
  const refund = ({ id }: PageArgs) => {
    const found = refunds.get(String(id));
    return found === undefined ? null : refundNode(found.order, found.refund);
  };
  return {
    nodes: ({ ids }: PageArgs) => (ids as readonly string[]).map((id) => orders.one({ id }) ?? refund({ id })),
    ordersCount: orders.count,
    customersCount: customers.count,
    productsCount: products.count,
    deletionEvents: deletions.page,
    currentAppInstallation: { accessScopes: SCOPES.map((handle) => ({ handle })) },
    bulkOperation: ({ id }: PageArgs) => bulkOperation(String(id)),
    bulkOperations: (args: PageArgs) => pageOf([], args, () => ({})),
    orders: orders.page,
    customers: customers.page,
    products: products.page,
    order: orders.one,
    customer: customers.one,
    product: products.one,
    refund,
    shop: {
      id: gid("Shop", 61_002_014),
      name: "Northpine Goods",
      myshopifyDomain: "northpine-demo.myshopify.com",
      currencyCode: world.currency,
      ianaTimezone: world.timeZone,
      taxesIncluded: false,
    },
  };
}

const SCOPES = ["read_orders", "read_all_orders", "read_customers", "read_products", "read_inventory"];

/** Two products of the years before: gone from the catalogue shortly before the shop's first day and its last. */
function deletedProducts(world: World): readonly Entry<null>[] {
  const [first, last] = [Date.parse(`${world.from}T15:00:00Z`), Date.parse(`${world.to}T15:00:00Z`)];
  return [
    { item: null, id: 7_700_000_000_001, createdAt: first, updatedAt: first },
    { item: null, id: 7_700_000_000_002, createdAt: last - 2 * DAY, updatedAt: last - 2 * DAY },
  ];
}

function deletionNode({ id, updatedAt }: Entry<null>): Node {
  return { subjectId: gid("Product", id), subjectType: "PRODUCT", occurredAt: shopifyTime(updatedAt) };
}

/** A sale changes the stock, and that changes the product. */
function productEntries(world: World): readonly Entry<Product>[] {
  const opening = Date.parse(`${world.from}T12:00:00Z`);
  const soldAt = new Map(world.orders.flatMap((order) => order.lines.map((line) => [line.product.id, order.at])));
  return world.products.map((product) => ({
    item: product,
    id: product.id,
    createdAt: opening - 30 * DAY,
    updatedAt: soldAt.get(product.id) ?? opening,
  }));
}

/** An object with what it is searched and sorted by; instants in ms. */
interface Entry<T> {
  readonly item: T;
  readonly id: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

const SORT_KEYS: Readonly<Record<string, (entry: Entry<unknown>) => number>> = {
  UPDATED_AT: (entry) => entry.updatedAt,
  CREATED_AT: (entry) => entry.createdAt,
  PROCESSED_AT: (entry) => entry.createdAt,
  ID: (entry) => entry.id,
};

/** A searchable, sortable, paged list of a type, and the look-up by id. */
function listOf<T>(
  entries: readonly Entry<T>[],
  { type, show }: { readonly type: string; readonly show: (entry: Entry<T>) => Node },
) {
  const byId = new Map(entries.map((entry) => [gid(type, entry.id), entry]));
  // The pages of one walk ask the same question again and again.
  const answered = new Map<string, readonly Entry<T>[]>();
  return {
    one: ({ id }: PageArgs) => {
      const found = byId.get(String(id));
      return found === undefined ? null : show(found);
    },
    count: ({ query = "" }: PageArgs) => ({
      count: entries.filter(searched(String(query))).length,
      precision: "EXACT",
    }),
    page: (args: PageArgs) => {
      const { sortKey = "ID", reverse = false, query = "" } = args;
      const question = JSON.stringify([sortKey, reverse, query]);
      const list = answered.get(question) ?? wanted(entries, { sortKey, reverse, query });
      answered.set(question, list);
      return pageOf(list, args, show);
    },
  };
}

interface Question {
  readonly sortKey: unknown;
  readonly reverse: unknown;
  readonly query: unknown;
}

function wanted<T>(entries: readonly Entry<T>[], { sortKey, reverse, query }: Question): readonly Entry<T>[] {
  const by = SORT_KEYS[String(sortKey)] ?? ((entry: Entry<unknown>) => entry.id);
  const list = entries.filter(searched(String(query))).sort((a, b) => by(a) - by(b) || a.id - b.id);
  return reverse === true ? list.reverse() : list;
}

const TERM = /(updated_at|created_at|processed_at|occurred_at):(>=|<=|>|<)?('[^']*'|"[^"]*"|\S+)/g;

/** The search syntax of the Admin API, as far as time goes; like the vendor, it ignores what it does not know. */
function searched(query: string): (entry: Entry<unknown>) => boolean {
  const terms = [...query.matchAll(TERM)].map(([, field, operator = ":", quoted = ""]) => {
    const bound = Date.parse(quoted.replace(/^['"]|['"]$/g, ""));
    const of = (entry: Entry<unknown>) =>
      field === "updated_at" || field === "occurred_at" ? entry.updatedAt : entry.createdAt;
    return (entry: Entry<unknown>) => compare(of(entry), operator, bound);
  });
  return (entry) => terms.every((term) => term(entry));
}

function compare(value: number, operator: string, bound: number): boolean {
  if (operator === ">=") return value >= bound;
  if (operator === "<=") return value <= bound;
  if (operator === ">") return value > bound;
  return operator === "<" ? value < bound : value === bound;
}

function groupedBy<T>(list: readonly T[], keyOf: (item: T) => number): ReadonlyMap<number, readonly T[]> {
  const groups = new Map<number, T[]>();
  for (const item of list) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function customerNode({ item: customer, updatedAt }: Entry<Customer>, orders: readonly Order[]): Node {
  const counted = orders.filter((order) => isCounted(order)).map(moneyOf);
  const last = orders[orders.length - 1];
  return {
    id: gid("Customer", customer.id),
    legacyResourceId: String(customer.id),
    createdAt: shopifyTime(customer.createdAt),
    updatedAt: shopifyTime(updatedAt),
    firstName: customer.firstName,
    lastName: customer.lastName,
    displayName: `${customer.firstName} ${customer.lastName}`,
    locale: "en",
    state: "DISABLED",
    tags: orders.length >= 8 ? ["vip"] : [],
    taxExempt: false,
    verifiedEmail: true,
    numberOfOrders: String(orders.length),
    amountSpent: moneyV2(counted.reduce((sum, money) => sum + money.total - money.refunded, 0)),
    defaultEmailAddress: {
      emailAddress: customer.email,
      marketingState: customer.id % 3 === 0 ? "NOT_SUBSCRIBED" : "SUBSCRIBED",
    },
    defaultPhoneNumber:
      customer.phone === null ? null : { phoneNumber: customer.phone, marketingState: "NOT_SUBSCRIBED" },
    defaultAddress: addressNode(customer.place, customer),
    lastOrder: last === undefined ? null : { id: gid("Order", last.id) },
  };
}

function productNode({ item: product, createdAt, updatedAt }: Entry<Product>): Node {
  const prices = product.variants.map((variant) => variant.priceCents);
  const times = { createdAt: shopifyTime(createdAt), updatedAt: shopifyTime(updatedAt) };
  return {
    id: gid("Product", product.id),
    legacyResourceId: String(product.id),
    title: product.title,
    handle: product.handle,
    vendor: product.vendor,
    productType: productType(product),
    status: "ACTIVE",
    tags: [product.category],
    ...times,
    publishedAt: times.createdAt,
    totalInventory: product.variants.length * 120,
    isGiftCard: false,
    category: null,
    priceRangeV2: {
      minVariantPrice: moneyV2(Math.min(...prices)),
      maxVariantPrice: moneyV2(Math.max(...prices)),
    },
    variants: (args: PageArgs) =>
      pageOf([...product.variants.entries()], args, ([index, variant]) => ({
        ...variantNode(variant),
        ...times,
        position: index + 1,
      })),
  };
}

function variantNode(variant: Variant): Node {
  return {
    id: gid("ProductVariant", variant.id),
    legacyResourceId: String(variant.id),
    sku: variant.sku,
    title: variant.title,
    barcode: null,
    price: (variant.priceCents / 100).toFixed(2),
    compareAtPrice: null,
    inventoryQuantity: 120,
    taxable: true,
    inventoryItem: {
      id: gid("InventoryItem", variant.inventoryItemId),
      tracked: true,
      unitCost: variant.costCents === null ? null : moneyV2(variant.costCents),
    },
  };
}
