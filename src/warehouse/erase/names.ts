// How each stream names people: where in a landed payload who stands. Erasing finds people by it, and what lands later is held against it.
// A stream that names people and is not here would be searched for what can be told from other text (addresses, hashes, long ids) only.

/**
 * What a name is. `email`, `phone`, `customer` and `user` are of a person; `device` is of a browser, which several may share; `token` and
 * `click` are of a visit; `order` only leads from an order to what else is told of it: it stays.
 */
export type NameKind = "email" | "phone" | "customer" | "user" | "device" | "token" | "click" | "order";

/** Where a name stands. */
export interface NamePlace {
  readonly kind: NameKind;
  /** Member names from the payload's root; the first that is there counts. `["_key"]` is the key of the row. */
  readonly paths: readonly (readonly string[])[];
  /** Whose numbers these are, for customers: two shops may both have a customer 7. */
  readonly of?: string;
  /** Only under topics (of a webhook; of a list that changed its name) that begin so. */
  readonly topics?: string;
}

/** How a stream names people. */
export interface StreamNames {
  readonly names: readonly NamePlace[];
  /** When what the row tells of came to be: an ISO instant, or microseconds. */
  readonly born: readonly string[] | null;
  /** Each row is a person's record, not something that happened: without the person there is no row. */
  readonly isRecord: boolean;
}

/** The key of a row, among paths. */
export const KEY = "_key";

const at = (...texts: readonly string[]): NamePlace["paths"] => texts.map((text) => text.split("."));
const place = (kind: NameKind, ...texts: readonly string[]): NamePlace => ({ kind, paths: at(...texts) });
const each = (kind: NameKind, ...texts: readonly string[]): readonly NamePlace[] =>
  texts.map((text) => place(kind, text));
const customers = (of: string, ...texts: readonly string[]): readonly NamePlace[] =>
  each("customer", ...texts).map((one) => ({ ...one, of }));
const under = (topics: string, places: readonly NamePlace[]): readonly NamePlace[] =>
  places.map((one) => ({ ...one, topics }));

function stream(names: readonly NamePlace[], born: string | null, isRecord = false): StreamNames {
  return { names, born: born === null ? null : born.split("."), isRecord };
}

const SHOPIFY_HOOKS: readonly NamePlace[] = [
  ...each("email", "body.email", "body.contact_email", "body.customer.email", "body.email_address"),
  ...each("phone", "body.phone", "body.customer.phone"),
  ...customers("shopify", "body.customer.id", "body.customer.admin_graphql_api_id", "body.customer_id"),
  ...under("customers/", customers("shopify", "body.id", "body.admin_graphql_api_id")),
  ...customers("shopify", "body.admin_graphql_api_customer_kept_id", "body.admin_graphql_api_customer_deleted_id"),
  ...under("orders/", each("order", "body.id", "body.name")),
  ...each("order", "body.order_id"),
  ...each("token", "body.checkout_token", "body.cart_token"),
  ...under("checkouts/", each("token", "body.token")),
  ...under("carts/", each("token", "body.token")),
];

const GENERIC_HOOKS: readonly NamePlace[] = [
  ...each("email", "body.email", "body.customer.email"),
  ...each("phone", "body.phone", "body.customer.phone"),
  ...customers("webhooks", "body.customer_id", "body.customer.id"),
  ...under("customers", customers("webhooks", "body.id")),
  ...under("orders", each("order", "body.id", "body.external_id", "body.name")),
  ...each("order", "body.order_id"),
];

const PIXEL: readonly NamePlace[] = [
  place("device", "body.visitor_id"),
  place("email", "body.data.email"),
  place("order", "body.data.order_id"),
  ...each("token", "body.session_id", "body.data.cart_token", "body.data.checkout_token"),
  ...["gclid", "gbraid", "wbraid", "fbclid", "ttclid"].map((name) => place("click", `body.attribution.${name}`)),
];

// The number of a business customer is that of a company, not of one of its people: it stays.
const GA4: readonly NamePlace[] = [
  place("device", "user_pseudo_id"),
  ...each("user", "user_prop_webuserid", "user_id"),
  place("order", "transaction_id"),
  { kind: "order", paths: [["ecommerce.transaction_id"]] },
];

const USERS = stream(
  [...each("user", KEY, "user_id"), place("email", "email"), place("phone", "cell_phone")],
  null,
  true,
);

const STREAMS: Readonly<Record<string, StreamNames>> = {
  "shopify.orders": stream(
    [place("email", "email"), ...customers("shopify", "customer.id"), ...each("order", "id", "name")],
    "createdAt",
  ),
  "shopify.customers": stream(
    [...customers("shopify", KEY, "id", "legacyResourceId"), place("email", "defaultEmailAddress.emailAddress")],
    null,
    true,
  ),
  "shopify_webhooks.events": stream(SHOPIFY_HOOKS, "body.created_at"),
  "webhooks.events": stream(GENERIC_HOOKS, "body.created_at"),
  // Whoever pays is the customer; who receives is somebody else, unless nobody is named as paying.
  "shopier.events": stream(
    [
      place("email", "body.billingInfo.email", "body.shippingInfo.email"),
      place("phone", "body.billingInfo.phone"),
      ...under("order", each("order", "body.id")),
      ...each("order", "body.orderId"),
    ],
    "body.dateCreated",
  ),
  "fulfilments.events": stream(
    [
      place("email", "body.email"),
      ...each("order", "body.order_id", "body.external_id", "body.order_name", "body.order.id"),
    ],
    null,
  ),
  "pixel.events": stream(PIXEL, "body.ts"),
  ...Object.fromEntries(
    ["purchase", "add_to_cart", "page_view", "view_item", "view_search_results", "no_search_results", "funnel"].map(
      (name) => [`ga4_events.${name}`, stream(GA4, "event_timestamp")],
    ),
  ),
  "google_ads.click_views": stream([place("click", "clickView.gclid")], null),
  "sftp.users": USERS,
  "files.users": USERS,
  "files.customers": stream(
    [...customers("files", KEY, "customer_id"), place("email", "email"), place("phone", "phone")],
    null,
    true,
  ),
  "files.orders": stream(
    [...customers("files", "customer_id"), place("email", "email"), ...each("order", KEY, "order_id", "order_name")],
    "ordered_at",
  ),
  "files.shopify_customers": stream(
    [...customers("shopify", KEY, "customer_id"), place("email", "email"), place("phone", "phone")],
    null,
    true,
  ),
  "files.shopify_orders": stream(
    [
      ...customers("shopify", "customer_id"),
      place("email", "email"),
      place("phone", "phone"),
      ...each("order", KEY, "name", "id"),
    ],
    "created_at",
  ),
  "files.events": stream(
    [
      ...customers("files", "customer_id"),
      place("email", "email"),
      ...each("order", "order_id", "transaction_id"),
      place("device", "user_pseudo_id"),
      place("user", "web_user_id"),
    ],
    "event_at",
  ),
  // What a list of users said before: whole rows, and the key repeats them.
  "growthos.list_changes": stream(
    under("users", [
      place("user", "key"),
      ...each("email", "rows.0.email", "rows.1.email"),
      ...each("phone", "rows.0.cell_phone", "rows.1.cell_phone"),
    ]),
    null,
    true,
  ),
};

const none = (source: string, ...streams: readonly string[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(streams.map((name) => [`${source}.${name}`, []]));

/**
 * Streams whose rows name nobody, each with those of its members that look as if they did. Here or above is where
 * `testing/names-of-streams.test.ts` wants every stream.
 */
export const NAMES_NOBODY: Readonly<Record<string, readonly string[]>> = {
  ...none("shopify", "deletion_events"),
  // Words that the shop gave its products.
  "shopify.products": ["tags"],
  ...none("meta_ads", "accounts", "ad_insights", "ads", "adsets", "campaigns", "insights", "insights_today"),
  ...none("google_ads", "ad_days", "ad_groups", "ads", "campaign_days", "campaign_days_today", "campaign_hours"),
  ...none("google_ads", "campaigns", "conversion_actions", "customers", "keywords"),
  ...none("ga4", "item_days", "landing_pages", "totals", "traffic_days", "transaction_sources", "transactions"),
  ...none("fx", "rates"),
  // Numbers of orders, which stay.
  ...none("payouts", "events"),
  ...none(
    "files",
    "daily_metrics",
    "ga4",
    "google_ads",
    "meta_ads",
    "order_lines",
    "shopify_products",
    "spend",
    "traffic",
  ),
  ...none("growthos", "costs", "entity_changes", "match_decisions", "restatements", "schema_changes"),
  // What the shop's own people said of a task.
  "growthos.task_changes": ["note"],
  // Branches of the shop.
  "sftp.locations": ["address1", "address2", "city", "zip"],
};

const NOBODY: StreamNames = { names: [], born: null, isRecord: false };

/** How a stream names people; no names for one that does not. */
export function namesOf(source: string, streamName: string): StreamNames {
  return STREAMS[`${source}.${streamName}`] ?? NOBODY;
}

/** Sources of which `--customer-id` may name a customer. */
export const CUSTOMER_SOURCES: readonly string[] = [
  ...new Set(Object.values(STREAMS).flatMap(({ names }) => names.flatMap(({ of }) => (of === undefined ? [] : [of])))),
].sort();

/** True when the keys of a stream's rows are people's: the log must not repeat them. */
export function hasPersonalKeys(source: string, streamName: string): boolean {
  // The key of a click holds its id, that of a changed list the whole row.
  if (source === "google_ads" || source === "growthos") return namesOf(source, streamName).names.length > 0;
  return namesOf(source, streamName).names.some(
    ({ kind, paths }) => kind !== "order" && paths.some(([first]) => first === KEY),
  );
}
