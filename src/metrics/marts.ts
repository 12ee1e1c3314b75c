import type { FilterField, GroupBreakdown, Measure, NumberField } from "./types.js";

/** A fact relation that measures may name. */
export type MartName = Measure["mart"];

/** What the compiler has to know about one fact: its day, its groups, and where its rows come from. */
export interface Mart {
  /** How people call its rows; used in refusals. */
  readonly noun: string;
  readonly dateColumn: string;
  /** Column with the instant of a row, for points within a day; absent: no time of day is known. */
  readonly instantColumn?: string;
  /** Why none is. */
  readonly daysOnly?: string;
  /** Holds only days that are told so finely; which ones those are is read from `fact_spend_hour_days`. */
  readonly told?: "hour" | "quarter";
  /** Boolean column that is true for rows in the reporting currency; null: no money in it. */
  readonly currencyFlag: string | null;
  readonly groups: Readonly<Partial<Record<GroupBreakdown, string>>>;
  readonly numbers?: Readonly<Partial<Record<NumberField, string>>>;
  /** Columns that may be added up, that may be counted as different values, and that may be conditions. */
  readonly sums: readonly string[];
  readonly distinct: readonly string[];
  readonly flags: readonly string[];
  /** Columns that may hold fractions; they are added as decimals so that row order cannot matter. */
  readonly fractional: readonly string[];
  /** Columns that some sources leave empty: a sum over such rows is unknown, not smaller. */
  readonly partly?: readonly string[];
  /** Each is one origin of rows: the connector's stream and the exports of the same platform stand for each other. */
  readonly origins: readonly Origin[];
  /** Where the finer rows of a fact come from that also holds the rest: one of them at least must have landed. */
  readonly details?: readonly Origin[];
}

/** One platform's way into a fact. */
export interface Origin {
  readonly title: string;
  /** The platform of its rows, where a question about others does not need it; absent: any. */
  readonly platform?: string;
  /** `source.stream` pairs; a day is covered when any of them covers it. */
  readonly streams: readonly string[];
  /** Days that the vendor may still restate, counted back from the last complete day. */
  readonly restatesDays: number;
  /** Told as it happens, and nothing where nothing happened: known on every day from its first one on. */
  readonly isOpen?: true;
}

const ORDER_GROUPS = {
  channel: "channel_id",
  category: "category",
  country: "country",
  region: "region",
  customer_type: "customer_type",
} as const;

const ORDER_NUMBERS = { order_value: "order_value_cents", order_number: "customer_order_index" } as const;

const ORDER_ORIGINS: readonly Origin[] = [
  { title: "shopify", streams: ["shopify.orders", "files.shopify_orders", "shopify_webhooks.orders"], restatesDays: 0 },
  { title: "files.orders", streams: ["files.orders"], restatesDays: 0 },
  { title: "shopier", streams: ["shopier.orders"], restatesDays: 0 },
  { title: "webhooks", streams: ["webhooks.orders"], restatesDays: 0 },
];

// 28 and 30 days: the attribution windows in which Meta and Google still move conversions.
const SPEND_ORIGINS: readonly Origin[] = [
  { title: "meta_ads", streams: ["meta_ads.insights", "files.meta_ads"], restatesDays: 28 },
  { title: "google_ads", streams: ["google_ads.campaign_days", "files.google_ads"], restatesDays: 30 },
  { title: "files.spend", streams: ["files.spend"], restatesDays: 0 },
];

// Conversions are booked on the day of the click, and single ads are read by whole days.
const SPEND_BY_DAY = "within a day only spend, impressions and clicks of campaigns are told";

/** Spend within days: only what is asked for has to be told so finely, so each platform answers for itself. */
function spendWithin(told: "hour" | "quarter", noun: string): Mart {
  return {
    noun,
    told,
    dateColumn: "spend_date",
    instantColumn: "spend_at",
    currencyFlag: "is_reporting_currency",
    groups: { channel: "channel_id", platform: "source", campaign: "campaign_key" },
    sums: ["spend_cents", "impressions", "clicks"],
    distinct: ["campaign_key"],
    flags: [],
    fractional: [],
    origins: SPEND_ORIGINS.map((origin) =>
      origin.title === "files.spend" ? origin : { ...origin, platform: origin.title },
    ),
  };
}

/** One kind of event of GA4's export, or of a declared file, which holds all of them. */
function exportOrigin(kind: string): Origin {
  return { title: `ga4_events.${kind}`, streams: [`ga4_events.${kind}`, "files.events"], restatesDays: 3 };
}

const SPEND_SUMS = ["spend_cents", "impressions", "clicks", "conversions", "conversion_value_cents"] as const;

/** The facts of the public contract, as far as the metrics use them. */
export const MARTS: Readonly<Record<MartName, Mart>> = {
  fact_orders: {
    noun: "orders",
    dateColumn: "order_date",
    instantColumn: "order_at",
    currencyFlag: "is_reporting_currency",
    groups: { ...ORDER_GROUPS, campaign: "campaign_key" },
    numbers: ORDER_NUMBERS,
    sums: [
      "gross_cents",
      "discount_cents",
      "refund_cents",
      "net_cents",
      "tax_cents",
      "shipping_cents",
      "total_cents",
      "cogs_cents",
      "shipping_cost_cents",
      "ops_cost_cents",
      "payment_fee_cents",
      "contribution_cents",
      "order_value_cents",
      "unit_count",
      "line_count",
    ],
    distinct: ["order_id", "customer_id"],
    flags: ["is_counted", "is_new_customer", "is_returning_customer", "is_anonymous", "is_test", "is_cancelled"],
    fractional: [],
    origins: ORDER_ORIGINS,
  },
  fact_order_lines: {
    noun: "order lines",
    dateColumn: "order_date",
    currencyFlag: "is_reporting_currency",
    groups: { ...ORDER_GROUPS, product: "product_key" },
    numbers: ORDER_NUMBERS,
    sums: ["gross_cents", "discount_cents", "net_of_discount_cents", "cogs_cents", "quantity"],
    distinct: ["order_id", "product_key"],
    flags: ["is_counted"],
    fractional: [],
    origins: ORDER_ORIGINS,
  },
  fact_refunds: {
    noun: "refunds",
    dateColumn: "refund_date",
    instantColumn: "refund_at",
    currencyFlag: "is_reporting_currency",
    groups: { ...ORDER_GROUPS, campaign: "campaign_key" },
    numbers: ORDER_NUMBERS,
    sums: ["refund_cents", "tax_cents", "shipping_cents", "total_cents", "cogs_returned_cents"],
    distinct: ["order_id"],
    flags: ["is_counted", "is_new_customer", "is_returning_customer"],
    fractional: [],
    origins: ORDER_ORIGINS,
  },
  fact_spend: {
    noun: "ad spend",
    dateColumn: "spend_date",
    daysOnly: SPEND_BY_DAY,
    currencyFlag: "is_reporting_currency",
    groups: { channel: "channel_id", platform: "source", account: "account_id", campaign: "campaign_key" },
    sums: [...SPEND_SUMS, "purchases", "leads", "installs"],
    distinct: ["campaign_key"],
    flags: [],
    fractional: ["conversions", "purchases", "leads", "installs"],
    partly: ["purchases", "leads", "installs"],
    origins: SPEND_ORIGINS,
  },
  fact_ad_spend: {
    noun: "ad spend by ad",
    dateColumn: "spend_date",
    daysOnly: SPEND_BY_DAY,
    currencyFlag: "is_reporting_currency",
    groups: {
      channel: "channel_id",
      platform: "source",
      account: "account_id",
      campaign: "campaign_key",
      ad_set: "adset_key",
      ad: "ad_key",
    },
    sums: SPEND_SUMS,
    distinct: ["adset_key", "ad_key"],
    flags: [],
    fractional: ["conversions"],
    origins: SPEND_ORIGINS,
    details: [
      { title: "meta_ads.ad_insights", streams: ["meta_ads.ad_insights", "files.meta_ads"], restatesDays: 28 },
      { title: "google_ads.ad_days", streams: ["google_ads.ad_days", "files.google_ads"], restatesDays: 30 },
      { title: "files.spend", streams: ["files.spend"], restatesDays: 0 },
    ],
  },
  fact_spend_hours: spendWithin("hour", "ad spend by the hour"),
  fact_spend_quarters: spendWithin("quarter", "ad spend by the quarter of an hour"),
  fact_traffic: {
    noun: "traffic",
    dateColumn: "traffic_date",
    daysOnly: "it is read by whole days",
    currencyFlag: null,
    groups: { channel: "channel_id", platform: "source" },
    sums: ["sessions", "engaged_sessions", "product_views", "add_to_carts", "checkouts", "purchases"],
    distinct: [],
    flags: [],
    fractional: [],
    origins: [
      { title: "ga4", streams: ["ga4.traffic_days", "files.ga4"], restatesDays: 3 },
      { title: "files.traffic", streams: ["files.traffic"], restatesDays: 0 },
    ],
  },
  fact_events: {
    noun: "events of the analytics tool",
    dateColumn: "event_date",
    currencyFlag: null,
    groups: { device: "device_category", location: "default_branch_id" },
    sums: [],
    distinct: ["session_key", "user_pseudo_id", "transaction_id"],
    flags: [],
    fractional: [],
    origins: ["page_view", "view_item", "add_to_cart", "purchase"].map(exportOrigin),
  },
  // Each row is of one branch, so that branches add up to the whole (D-65).
  fact_web_activity: {
    noun: "activity on the web site",
    dateColumn: "activity_date",
    instantColumn: "activity_at",
    currencyFlag: "is_reporting_currency",
    groups: { location: "location_id" },
    sums: ["revenue_cents", "cart_cents"],
    distinct: ["session_key", "person_key"],
    flags: ["is_repeat"],
    fractional: [],
    partly: ["revenue_cents", "cart_cents"],
    origins: ["page_view", "add_to_cart", "purchase", "view_search_results", "no_search_results"].map(exportOrigin),
  },
  // What people enter is all that there is: it is known on every day of which the shop's orders are.
  fact_costs: {
    noun: "entered costs",
    dateColumn: "cost_date",
    daysOnly: "costs are entered by day",
    currencyFlag: "is_reporting_currency",
    groups: { cost_category: "category" },
    sums: ["amount_cents"],
    distinct: ["cost_id"],
    flags: [],
    fractional: [],
    origins: ORDER_ORIGINS,
  },
  // A payout is told when it comes, or in a file some days later; entries that wait have no day yet.
  fact_ledger: {
    noun: "payouts",
    dateColumn: "cleared_date",
    daysOnly: "payouts are told by day",
    currencyFlag: "is_reporting_currency",
    groups: { platform: "payer" },
    sums: ["cleared_cents"],
    distinct: ["payout_id"],
    flags: [],
    fractional: [],
    origins: [{ title: "payouts", streams: ["payouts.events"], restatesDays: 7, isOpen: true }],
  },
  // One order is in it once by each model: measures name the model by a flag.
  fact_attribution: {
    noun: "attributed orders",
    dateColumn: "order_date",
    instantColumn: "order_at",
    currencyFlag: "is_reporting_currency",
    groups: { channel: "channel_id", campaign: "campaign_key", ad_set: "adset_key", ad: "ad_key" },
    sums: ["net_cents"],
    distinct: ["order_id"],
    flags: ["is_last_touch", "is_attributed"],
    fractional: [],
    origins: ORDER_ORIGINS,
  },
  fact_daily_metrics: {
    noun: "declared daily figures",
    dateColumn: "metric_date",
    currencyFlag: null,
    groups: { platform: "source" },
    sums: ["value"],
    distinct: [],
    flags: [],
    fractional: ["value"],
    origins: [{ title: "files.daily_metrics", streams: ["files.daily_metrics"], restatesDays: 0 }],
  },
};

/** A breakdown whose keys have names in a dimension. */
export interface Dimension {
  readonly relation: string;
  readonly key: string;
  readonly label: string;
}

/** Where the names of a breakdown's keys are; breakdowns that are not listed are their own names. */
export const DIMENSIONS: Readonly<Partial<Record<GroupBreakdown, Dimension>>> = {
  channel: { relation: "dim_channel", key: "channel_id", label: "channel_name" },
  campaign: { relation: "dim_campaign", key: "campaign_key", label: "campaign_name" },
  ad_set: { relation: "dim_ad_set", key: "adset_key", label: "adset_name" },
  ad: { relation: "dim_ad", key: "ad_key", label: "ad_name" },
  product: { relation: "dim_product", key: "product_key", label: "product_name" },
  location: { relation: "dim_location", key: "location_id", label: "location_name" },
};

/** Where the status of a campaign is: it is a filter only, because it is that of today, whatever the days asked for. */
export const STATUS = { relation: "dim_campaign", key: "campaign_key", column: "campaign_status" } as const;

/** True for everything that a filter may name. */
export function isField(name: string): name is FilterField {
  return name in NO_GROUP_LABELS || name === "status" || name === "order_value" || name === "order_number";
}

/** The column of a fact that a filter compares, or undefined: its rows do not carry it. */
export function columnFor(mart: MartName, field: FilterField): string | undefined {
  const { groups, numbers } = MARTS[mart];
  if (field === "order_value" || field === "order_number") return numbers?.[field];
  return groups[field === "status" ? "campaign" : field];
}

/** Key of the rows that belong to no group: they are always shown, so that the rows add up to the total. */
export const NO_GROUP = "(none)";

/** What people read for rows that belong to no group. */
export const NO_GROUP_LABELS: Readonly<Record<GroupBreakdown, string>> = {
  channel: "Unattributed",
  platform: "No platform",
  account: "No ad account",
  campaign: "No campaign",
  ad_set: "No ad set told",
  ad: "No ad told",
  product: "Unknown product",
  category: "No category",
  country: "Unknown country",
  region: "Unknown region",
  device: "Unknown device",
  location: "Unassigned",
  customer_type: "Unknown",
  cost_category: "No category",
};
