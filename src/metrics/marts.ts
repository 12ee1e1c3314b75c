import type { Breakdown, Measure } from "./types.js";

/** A fact relation that measures may name. */
export type MartName = Measure["mart"];

/** A breakdown by a property of the rows, not by time. */
export type GroupBreakdown = Exclude<Breakdown, "day" | "week" | "month">;

/** What the compiler has to know about one fact: its day, its groups, and where its rows come from. */
export interface Mart {
  /** How people call its rows; used in refusals. */
  readonly noun: string;
  readonly dateColumn: string;
  /** Boolean column that is true for rows in the reporting currency; null: no money in it. */
  readonly currencyFlag: string | null;
  readonly groups: Readonly<Partial<Record<GroupBreakdown, string>>>;
  /** Columns that may hold fractions; they are added as decimals so that row order cannot matter. */
  readonly fractional: readonly string[];
  /** Each is one origin of rows: the connector's stream and the exports of the same platform stand for each other. */
  readonly origins: readonly Origin[];
}

/** One platform's way into a fact. */
export interface Origin {
  readonly title: string;
  /** `source.stream` pairs; a day is covered when any of them covers it. */
  readonly streams: readonly string[];
  /** Days that the vendor may still restate, counted back from the last complete day. */
  readonly restatesDays: number;
}

const ORDER_GROUPS = {
  channel: "channel_id",
  category: "category",
  country: "country",
  region: "region",
  customer_type: "customer_type",
} as const;

const ORDER_ORIGINS: readonly Origin[] = [
  { title: "shopify", streams: ["shopify.orders", "files.shopify_orders"], restatesDays: 0 },
  { title: "files.orders", streams: ["files.orders"], restatesDays: 0 },
];

/** The facts of the public contract, as far as the metrics use them. */
export const MARTS: Readonly<Record<MartName, Mart>> = {
  fact_orders: {
    noun: "orders",
    dateColumn: "order_date",
    currencyFlag: "is_reporting_currency",
    groups: { ...ORDER_GROUPS, campaign: "campaign_key" },
    fractional: [],
    origins: ORDER_ORIGINS,
  },
  fact_order_lines: {
    noun: "order lines",
    dateColumn: "order_date",
    currencyFlag: "is_reporting_currency",
    groups: { ...ORDER_GROUPS, product: "product_key" },
    fractional: [],
    origins: ORDER_ORIGINS,
  },
  fact_refunds: {
    noun: "refunds",
    dateColumn: "refund_date",
    currencyFlag: "is_reporting_currency",
    groups: { ...ORDER_GROUPS, campaign: "campaign_key" },
    fractional: [],
    origins: ORDER_ORIGINS,
  },
  fact_spend: {
    noun: "ad spend",
    dateColumn: "spend_date",
    currencyFlag: "is_reporting_currency",
    groups: { channel: "channel_id", platform: "source", campaign: "campaign_key" },
    fractional: ["conversions"],
    // 28 and 30 days: the attribution windows in which Meta and Google still move conversions.
    origins: [
      { title: "meta_ads", streams: ["meta_ads.insights", "files.meta_ads"], restatesDays: 28 },
      { title: "google_ads", streams: ["google_ads.campaign_days", "files.google_ads"], restatesDays: 30 },
      { title: "files.spend", streams: ["files.spend"], restatesDays: 0 },
    ],
  },
  fact_traffic: {
    noun: "traffic",
    dateColumn: "traffic_date",
    currencyFlag: null,
    groups: { channel: "channel_id", platform: "source" },
    fractional: [],
    origins: [
      { title: "ga4", streams: ["ga4.traffic_days", "files.ga4"], restatesDays: 3 },
      { title: "files.traffic", streams: ["files.traffic"], restatesDays: 0 },
    ],
  },
  fact_daily_metrics: {
    noun: "declared daily figures",
    dateColumn: "metric_date",
    currencyFlag: null,
    groups: { platform: "source" },
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
  product: { relation: "dim_product", key: "product_key", label: "title" },
};

/** Key of the rows that belong to no group: they are always shown, so that the rows add up to the total. */
export const NO_GROUP = "(none)";

/** What people read for rows that belong to no group. */
export const NO_GROUP_LABELS: Readonly<Record<GroupBreakdown, string>> = {
  channel: "Unattributed",
  platform: "No platform",
  campaign: "No campaign",
  product: "Unknown product",
  category: "No category",
  country: "Unknown country",
  region: "Unknown region",
  customer_type: "Unknown",
};
