import type { Field, FileShape, ValueKind } from "./types.js";

/** What a declared mapping may make of a row. */
export const MAPPED_STREAMS = [
  "orders",
  "order_lines",
  "customers",
  "spend",
  "traffic",
  "events",
  "daily_metrics",
  "users",
  "locations",
] as const;

/** One of them. */
export type MappedStream = (typeof MAPPED_STREAMS)[number];

type Extra = Partial<Pick<Field, "column" | "value" | "pii">>;

const REQUIRED: Extra = { column: "required", value: "required" };

/** A field whose own name is a header by which it is found, beside `also`. */
function field(name: string, kind: ValueKind, extra: Extra = {}, also: readonly string[] = []): Field {
  return { name, kind, headers: [name, ...also], ...extra };
}

const UTM = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"].map((name) => field(name, "text"));
const PLACE = ["country", "region", "city"].map((name) => field(name, "text"));

/** Fields of one line; in an `orders` file they make every row a line of its order. */
const LINE: readonly Field[] = [
  field("line_id", "text", {}, ["order_line_id"]),
  field("product_id", "text"),
  field("variant_id", "text"),
  field("sku", "text"),
  field("title", "text", {}, ["product_name"]),
  field("category", "text", {}, ["product_type"]),
  field("vendor", "text"),
  field("quantity", "number"),
  field("unit_price", "amount", {}, ["price"]),
  field("line_total", "amount"),
  field("line_discount", "amount", {}, ["total_discount"]),
];

const ORDERS: readonly Field[] = [
  field("order_id", "text", REQUIRED),
  field("ordered_at", "instant", REQUIRED, ["processed_at", "order_date"]),
  field("order_name", "text", {}, ["order_number"]),
  field("customer_id", "text"),
  field("email", "text", { pii: "email" }),
  field("currency", "currency"),
  field("financial_status", "text", {}, ["payment_status"]),
  field("is_test", "flag"),
  field("cancelled_at", "instant"),
  field("gross", "amount"),
  field("subtotal", "amount", {}, ["subtotal_price"]),
  field("discount", "amount", {}, ["total_discounts"]),
  field("tax", "amount", {}, ["total_tax"]),
  field("shipping", "amount", {}, ["total_shipping"]),
  field("tip", "amount"),
  field("duties", "amount"),
  field("total", "amount", {}, ["total_price"]),
  field("refunded", "amount"),
  field("refunded_at", "instant"),
  field("source_name", "text"),
  field("landing_site", "text"),
  field("referring_site", "text"),
  ...UTM,
  ...PLACE,
  ...LINE,
];

const CUSTOMERS: readonly Field[] = [
  field("customer_id", "text", REQUIRED),
  field("email", "text", { pii: "email" }),
  field("created_at", "instant"),
  field("first_name", "text", { pii: "text" }),
  field("last_name", "text", { pii: "text" }),
  field("phone", "text", { pii: "text" }),
  field("address", "text", { pii: "text" }),
  ...PLACE,
];

const SPEND: readonly Field[] = [
  field("spend_date", "day", REQUIRED, ["date", "day", "date_day"]),
  field("spend", "amount", REQUIRED, ["cost"]),
  field("platform", "text"),
  field("account_id", "text"),
  field("campaign_id", "text"),
  field("campaign_name", "text", {}, ["campaign"]),
  field("adset_id", "text", {}, ["ad_set_id"]),
  field("adset_name", "text"),
  field("ad_id", "text"),
  field("ad_name", "text"),
  field("currency", "currency"),
  field("impressions", "count"),
  field("clicks", "count"),
  field("conversions", "number"),
  field("conversion_value", "amount"),
];

const TRAFFIC: readonly Field[] = [
  field("traffic_date", "day", REQUIRED, ["date", "day"]),
  field("sessions", "count", REQUIRED),
  field("channel_group", "text", {}, ["channel"]),
  field("session_source", "text", {}, ["source"]),
  field("session_medium", "text", {}, ["medium"]),
  field("session_campaign", "text", {}, ["campaign"]),
  field("engaged_sessions", "count"),
  field("product_views", "count"),
  field("add_to_carts", "count"),
  field("checkouts", "count"),
  field("purchases", "number"),
  field("revenue", "amount"),
  field("currency", "currency"),
];

const EVENTS: readonly Field[] = [
  field("event_at", "instant", REQUIRED, ["event_timestamp", "timestamp"]),
  field("event_name", "text", REQUIRED),
  field("event_id", "text", REQUIRED),
  field("customer_id", "text"),
  field("email", "text", { pii: "email" }),
  field("session_id", "text", {}, ["ga_session_id", "param_ga_session_id"]),
  field("order_id", "text"),
  field("page_location", "text", {}, ["param_page_location"]),
  field("page_title", "text", {}, ["param_page_title"]),
  field("page_referrer", "text", {}, ["param_page_referrer"]),
  field("user_pseudo_id", "text", {}, ["client_id"]),
  field("web_user_id", "text", {}, ["user_prop_webuserid"]),
  field("web_customer_id", "text", {}, ["user_prop_webcustomerid"]),
  field("default_branch_id", "text", {}, ["user_prop_default_branch_id"]),
  field("transaction_id", "text", {}, ["param_transaction_id", "ecommerce_transaction_id"]),
  field("search_term", "text", {}, ["param_search_term", "param_no_search_results_term"]),
  field("items", "text", {}, ["items_json"]),
  field("device_category", "text"),
  field("geo_country", "text"),
  field("geo_city", "text"),
  field("value", "number", {}, ["event_value", "ecommerce_purchase_revenue"]),
  field("currency", "currency"),
  ...UTM,
];

const METRICS: readonly Field[] = [
  field("metric_date", "day", REQUIRED, ["date", "day"]),
  field("metric", "text", {}, ["metric_name"]),
  field("value", "number"),
];

/** Words as people and systems write them: `erp_id`, `erp id`. */
const words = (...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [name, name.replaceAll("_", " ")]);

/** Business customers of a shop: the login, the company that it buys for, and the branch that looks after it. */
const USERS: readonly Field[] = [
  field("user_id", "text", REQUIRED, words("user_id", "web_user_id", "webuserid", "userid")),
  field("user_name", "text", { pii: "text" }, words("user_name", "name", "full_name")),
  field("company_name", "text", {}, words("buying_company_name", "customer_name", "company", "company_name")),
  field("company_erp_id", "text", {}, words("buying_company_erp_id", "customer_erp_id", "erp_id", "webcustomerid")),
  field("email", "text", { pii: "email" }, words("e-mail", "email_address")),
  field("office_phone", "text", { pii: "text" }, words("office_phone", "phone")),
  field("cell_phone", "text", { pii: "text" }, words("cell_phone", "mobile", "mobile_phone")),
  field("location_id", "text", {}, words("default_branch_id", "branch_id", "warehouse_id", "location_id")),
  field("is_active", "flag", {}, words("is_active", "active")),
];

/** Warehouses or branches. */
const LOCATIONS: readonly Field[] = [
  field("location_id", "text", REQUIRED, words("warehouse_id", "location_id", "branch_id")),
  field("location_code", "text", {}, words("warehouse_code", "location_code", "branch_code")),
  field("location_name", "text", {}, words("warehouse_name", "location_name", "branch_name")),
  field("city", "text"),
  field("state", "text", {}, ["province", "state/province", "region"]),
  field("country", "text"),
  field("address1", "text", {}, ["address", "address 1"]),
  field("address2", "text", {}, ["address 2"]),
  field("address3", "text", {}, ["address 3"]),
  field("zip", "text", {}, words("zip_code", "postal_code", "postcode")),
  field("is_active", "flag", {}, words("is_active", "active")),
];

const BASE = { wholeKey: false, oncePerKey: [], exclude: [] } as const;

const SHAPES: Readonly<Record<MappedStream, FileShape>> = {
  orders: {
    ...BASE,
    stream: "orders",
    title: "orders",
    signature: ["order_id", "ordered_at"],
    fields: ORDERS,
    key: ["order_id"],
    wholeKey: true,
    dayField: "ordered_at",
  },
  order_lines: {
    ...BASE,
    stream: "order_lines",
    title: "order lines",
    signature: ["order_id"],
    fields: [field("order_id", "text", REQUIRED), ...LINE, field("currency", "currency")],
    key: ["order_id"],
    wholeKey: true,
    dayField: null,
  },
  customers: {
    ...BASE,
    stream: "customers",
    title: "customers",
    signature: ["customer_id"],
    fields: CUSTOMERS,
    key: ["customer_id"],
    dayField: null,
  },
  spend: {
    ...BASE,
    stream: "spend",
    title: "ad spend by day",
    signature: ["spend_date", "spend"],
    fields: SPEND,
    key: ["spend_date", "platform", "account_id", "campaign_id", "campaign_name"],
    dayField: "spend_date",
  },
  traffic: {
    ...BASE,
    stream: "traffic",
    title: "traffic by day",
    signature: ["traffic_date", "sessions"],
    fields: TRAFFIC,
    key: ["traffic_date"],
    dayField: "traffic_date",
  },
  events: {
    ...BASE,
    stream: "events",
    title: "events",
    signature: ["event_at", "event_name"],
    fields: EVENTS,
    key: ["event_id"],
    dayField: "event_at",
  },
  daily_metrics: {
    ...BASE,
    stream: "daily_metrics",
    title: "dated figures",
    signature: ["metric_date"],
    fields: METRICS,
    key: ["metric_date", "metric"],
    dayField: "metric_date",
  },
  users: {
    ...BASE,
    stream: "users",
    title: "users",
    source: "sftp",
    complete: true,
    signature: ["user_id"],
    fields: USERS,
    key: ["user_id"],
    dayField: null,
  },
  locations: {
    ...BASE,
    stream: "locations",
    title: "locations",
    source: "sftp",
    complete: true,
    signature: ["location_id"],
    fields: LOCATIONS,
    key: ["location_id"],
    dayField: null,
  },
};

/** The shape of a declared mapping. */
export function mappedShape(stream: MappedStream): FileShape {
  return SHAPES[stream];
}
