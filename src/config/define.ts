/** The public entry of the package: what a `growthos.config.ts` imports. Types only; nothing heavy is loaded. */

/** A weekday's English name. */
export type Weekday = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";

/** A month's English name. */
export type Month =
  | "january"
  | "february"
  | "march"
  | "april"
  | "may"
  | "june"
  | "july"
  | "august"
  | "september"
  | "october"
  | "november"
  | "december";

/** How a change of the vendor's records is taken. */
export type Contract = "evolve" | "freeze" | "quarantine";

/** Options that every source understands; the rest is the source's own. Write secrets as `${NAME}` in the environment, never here. */
export interface SourceOptions {
  /** First day wanted by the first sync, `YYYY-MM-DD`. */
  readonly since?: string;
  /** Minutes after which the source is stopped and reported as failed. Default 30. */
  readonly timeoutMinutes?: number;
  /**
   * When the vendor's records change: `evolve` (default) keeps every change and tells, `freeze` refuses the load, `quarantine` sets
   * records with a member of another type aside. For all streams, or by stream: `{ orders: "freeze" }`.
   */
  readonly contract?: Contract | Readonly<Record<string, Contract>>;
  /** Only these streams, e.g. `["orders", "customers"]`: a stream that nobody looks at costs quota and time. Default: all. */
  readonly streams?: readonly string[];
  readonly [option: string]: unknown;
}

/** The sources of a shop. Each member is optional; one that is missing makes its metrics "unknown: not configured". */
export interface Sources {
  /** The embedded demo shop: four simulated platforms, no network, no account. Cannot be combined with the real ones. */
  readonly demo?: { readonly seed?: number; readonly days?: number; readonly asOf?: string };
  /** Orders, customers and products of a Shopify shop. */
  readonly shopify?: SourceOptions;
  /** Meta ad accounts: campaigns, ad sets, ads, and what each cost and brought by day. */
  readonly meta_ads?: SourceOptions;
  /** Campaign days of a Google Ads customer. */
  readonly google_ads?: SourceOptions;
  /** Traffic days of a GA4 property. */
  readonly ga4?: SourceOptions;
  /** Daily ECB exchange rates, so that several currencies are reported in one: `{}`, or `{ file: "rates.csv" }`, `{ url: "https://…" }`. */
  readonly fx?: SourceOptions;
  /** Single events of a GA4 property: its BigQuery export. */
  readonly ga4_events?: SourceOptions;
  /** Exports on disk: Shopify, Meta Ads, Google Ads and GA4 files are recognised; others need a mapping. */
  readonly files?: SourceOptions;
  /**
   * Lists of users and locations, and folders into which others put files, on an SFTP server:
   * `{ host, user, hostKey: "SHA256:…", masterData: { users: "UserReport.xlsx" }, drops: [{ folder: "/out", pattern: "*.csv" }] }`.
   */
  readonly sftp?: SourceOptions;
}

/** Cost assumptions. Shares are decimals: 0.08 = 8 %. */
export interface CostOptions {
  /** Gross margin by product category, e.g. `{ apparel: 0.6 }`; used for lines without a unit cost. */
  readonly categoryMargins?: Readonly<Record<string, number>>;
  /** Gross margin of everything else. Default 0.45. */
  readonly defaultMargin?: number;
  /** Cost of shipping as a share of revenue. Default 0.08. */
  readonly shippingShare?: number;
  /** Cost of operations as a share of revenue. Default 0.05. */
  readonly opsShare?: number;
  /** Payment fee as a share of what the customer paid. Default 0. */
  readonly paymentFeeShare?: number;
  /** Fixed payment fee per order in main units of the shop's currency, e.g. 0.3. Default 0. */
  readonly paymentFeeFixed?: number;
}

/** A metric's target per period, in its main unit: 25000 for money is 25,000.00, 0.03 for a rate is 3 %. */
export interface Target {
  readonly day?: number;
  readonly week?: number;
  readonly month?: number;
}

/** What every metric of your own says of itself; the key under `metrics` is its id. */
interface MetricFrame {
  /** Printed above its figures. */
  readonly title: string;
  /** One sentence: what it means and what it is based on. */
  readonly description?: string;
  /** `money` is printed in the shop's currency, `ratio` as a percentage, `multiple` as 3.20x. */
  readonly unit: "money" | "count" | "ratio" | "multiple" | "days" | "number";
  /** Which way is good news. */
  readonly better: "up" | "down" | "neither";
  /** Other names that questions may use. */
  readonly aliases?: readonly string[];
  /** The formula as people write it; made from the definition when it is left out. */
  readonly formula?: string;
}

/** How a metric of your own is made: exactly one of these. Facts and columns are those of the marts, other names are metrics. */
export type MetricOptions = MetricFrame &
  (
    | {
        /** Column to add up: `fact_orders.tax_cents`. */
        readonly sum: string;
        /** Boolean columns that must all be true: `["is_counted"]`. */
        readonly where?: readonly string[];
      }
    | { /** Fact whose rows are counted: `fact_orders`. */ readonly count: string; readonly where?: readonly string[] }
    | {
        /** Column of which different values are counted. */ readonly distinct: string;
        readonly where?: readonly string[];
      }
    | { /** A figure of your `daily_metrics` files, by its name there. */ readonly figure: string }
    | { /** Metrics that are added. */ readonly plus: readonly string[]; readonly minus?: readonly string[] }
    | { /** Metric above the line. */ readonly divide: string; readonly by: string; readonly times?: number }
    | { /** Metrics that are multiplied. */ readonly multiply: readonly string[] }
    | { /** Metric whose least-squares slope by day is taken. */ readonly slopeOf: string }
  );

/** One shop. */
export interface ShopOptions {
  readonly shop: {
    /** Printed on every report. */
    readonly name: string;
    /** Reporting currency, ISO 4217. */
    readonly currency: string;
    /** IANA zone in which a day begins and ends. */
    readonly timeZone: string;
  };
  readonly calendar?: {
    /** Last day of a reporting week. Default sunday. */
    readonly weekEndsOn?: Weekday;
    /** Month in which the fiscal year ends. Default december. */
    readonly fiscalYearEnds?: Month;
  };
  readonly sources?: Sources;
  readonly costs?: CostOptions;
  /** Metric id -> target. */
  readonly targets?: Readonly<Record<string, Target>>;
  /** Metrics of your own by id: `{ cost_per_ticket: defineMetric({ … }) }`. They are in every list, question and report. */
  readonly metrics?: Readonly<Record<string, MetricOptions>>;
  /** Personal data at landing: hashed with the workspace's own salt (default), kept, or dropped. */
  readonly pii?: "hash" | "keep" | "drop";
  readonly retention?: {
    /** Builds that are kept for readers and for looking back. Default 3. */
    readonly builds?: number;
    /** Days for which run logs are kept. Default 90. */
    readonly runsDays?: number;
  };
  /** Pins "today" (`YYYY-MM-DD`), for demos and backfills. */
  readonly asOf?: string;
}

/** One shop, or several under `workspaces` with a folder and a database file each. */
export type GrowthosOptions = ShopOptions | { readonly workspaces: Readonly<Record<string, ShopOptions>> };

/**
 * Gives `growthos.config.ts` its types; returns what it was given.
 * Any text may contain `${NAME}` or `${NAME:-default}`, filled from the environment and `.env`.
 */
export function defineConfig(options: GrowthosOptions): GrowthosOptions {
  return options;
}

/** Gives a metric of your own its types; returns what it was given. */
export function defineMetric(options: MetricOptions): MetricOptions {
  return options;
}
