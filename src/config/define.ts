/** The public entry of the package: what a `growthos.config.ts` imports. Types only; nothing heavy is loaded. */
import type { AlertOptions } from "./define-alerts.js";
import type { EngineOptions } from "./define-engine.js";
import type { PublishOptions } from "./define-publish.js";

export type { AlertCondition, AlertOptions, AlertRuleOptions, Severity } from "./define-alerts.js";
export type { EngineOptions } from "./define-engine.js";
export type { PublishOptions } from "./define-publish.js";

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
  /**
   * How many complete days before today the source may lack. More than `warnAfterDays` is a warning, more than `errorAfterDays` ends
   * `check` and `run` with exit code 4. Default 1 and 3 (rates 4 and 7, GA4's export 3 and 5); files are judged only when this is given.
   */
  readonly freshness?: { readonly warnAfterDays: number; readonly errorAfterDays: number };
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

/** How a sender signs what it pushes: a keyed hash (HMAC) of the raw bytes in a header. */
export interface SignatureOptions {
  /** Default `X-Signature`. */
  readonly header?: string;
  /** Default sha256. */
  readonly algorithm?: "sha1" | "sha256" | "sha512";
  /** Default hex. */
  readonly encoding?: "hex" | "base64";
  /** What stands before it, e.g. `sha256=`. */
  readonly prefix?: string;
  /** The header is `t=<unix seconds>,v1=<signature>` and `<t>.` is signed with the bytes; older or newer than this is refused. */
  readonly toleranceSeconds?: number;
}

/**
 * Who may push data to `growthos serve --intake`. Secrets are `<SOURCE>_SECRET`, during a rotation also `<SOURCE>_PREVIOUS_SECRET`, in the
 * environment or `.env`, or `growthos connect <source>`.
 */
export interface IntakeOptions {
  /** Where it listens. Default 7421; TLS is the work of a proxy or tunnel before it. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Names under which senders reach it: `["hooks.example.com"]`. */
  readonly hosts?: readonly string[];
  /** The address that asks stands in the last `X-Forwarded-For`: only behind a proxy of your own. Default false. */
  readonly behindProxy?: boolean;
  /** Defaults: 5000 signed requests a second, 2500 of one address; of pixel events 500, 20 of one address, 1000000 a day. */
  readonly limits?: {
    readonly perSecond?: number;
    readonly perAddress?: number;
    readonly pixelPerSecond?: number;
    readonly pixelPerAddress?: number;
    readonly pixelPerDay?: number;
  };
  /** Webhooks of a Shopify app: `/hooks/shopify_webhooks`. */
  readonly shopify_webhooks?: { readonly shop: string };
  /** Webhooks of Shopier: `/hooks/shopier`. */
  readonly shopier?: { readonly account?: string };
  /** Any JSON: `/hooks/webhooks/<topic>`; `id` is the dotted path of what names an event in a body. */
  readonly webhooks?: { readonly signature?: SignatureOptions; readonly id?: string };
  /** Money that reached the bank: `/hooks/payouts/<who paid>`. */
  readonly payouts?: { readonly signature?: SignatureOptions };
  /** Where parcels are: `/hooks/fulfilments`. */
  readonly fulfilments?: { readonly signature?: SignatureOptions };
  /**
   * Visitors' events: browsers on these sites send them to `/px`, servers sign them to `/hooks/pixel`. `growthos pixel` prints what to
   * install. With `sandbox` events also come from frames without an origin, as Shopify's custom pixels are.
   */
  readonly pixel?: {
    readonly origins?: readonly string[];
    readonly sandbox?: boolean;
    readonly signature?: SignatureOptions;
  };
}

/** A block of the weekly review: by its name, or a chart of one metric, or a table of several. */
export type DeckBlockOptions =
  | "exceptions"
  | "week_table"
  | "drivers"
  | "funnel"
  | "cohorts"
  | "channels"
  | "spend_return"
  | "risks"
  | "next_steps"
  | "events"
  | "definitions"
  | "data_health"
  /** Six weeks and twelve months of a metric, with its box score. */
  | { readonly six_twelve: string }
  /** Its process-behaviour chart. */
  | { readonly xmr: string }
  | { readonly weeks: readonly string[] }
  | { readonly months: readonly string[] };

/** The weekly review. Words about a week lie beside this file: `commentary/2026-W06/net_revenue.md`. */
export interface DeckOptions {
  /** Chapters in their order: shipped ones by name, or your own. Default: all that are shipped. */
  readonly sections?: readonly (
    | "exceptions"
    | "customers"
    | "inputs"
    | "outputs"
    | "finance"
    | "risks"
    | "next"
    | "events"
    | "definitions"
    | "data_health"
    | { readonly title: string; readonly blocks: readonly DeckBlockOptions[] }
  )[];
  /** Metric id -> who answers for it. */
  readonly owners?: Readonly<Record<string, string>>;
  /** What happened, or will; drawn on the charts of the metrics that it names, or of all. */
  readonly events?: readonly { readonly day: string; readonly text: string; readonly metrics?: readonly string[] }[];
}

/** How the shop cuts its days into weeks, months, quarters and years. */
export interface CalendarOptions {
  /** Last day of a reporting week. Default sunday. */
  readonly weekEndsOn?: Weekday;
  /** Month in which the fiscal year ends. Default december. */
  readonly fiscalYearEnds?: Month;
  /**
   * What a fiscal month is. `months` (default): a calendar month. `4-4-5`, `4-5-4`, `5-4-4`: so many whole weeks in the three months
   * of a quarter; week 53 belongs to the last month. `iso`: ISO 8601 weeks and years with 4-4-5 months.
   */
  readonly fiscalPeriods?: "months" | "4-4-5" | "4-5-4" | "5-4-4" | "iso";
  /**
   * Where the last week of a fiscal year ends: on the `last` weekday `weekEndsOn` of its closing month, or on the one `nearest`
   * (default) to that month's end. It numbers the weeks of every calendar.
   */
  readonly lastWeek?: "last" | "nearest";
  /** Whether a fiscal year bears the number of the calendar year in which it ends (default) or in which it begins (US retail). */
  readonly fiscalYearNamedBy?: "end" | "start";
  /** Days of holidays that move by no rule of the solar year, e.g. `{ ramadan: ["2025-03-01", "2026-02-18"] }`, for comparisons. */
  readonly holidays?: Readonly<Record<string, readonly string[]>>;
  /** `dim_date` reaches to the end of the year of this day (`YYYY-MM-DD`), for plans. Default: the year of the newest data. */
  readonly datesUntil?: string;
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

/** How questions are read. Without this key by fixed rules alone, and nothing leaves this machine. */
export interface AskOptions {
  /**
   * A language model that reads questions beside the rules. It is sent the question, names of metrics and fields, and days; never a figure,
   * a row, or a name from the data. Its key is `ANTHROPIC_API_KEY`, in the environment or `.env`, or stored by `growthos connect anthropic`.
   */
  readonly model?: {
    readonly provider: "anthropic";
    /** The model's id as the vendor lists it, e.g. `claude-haiku-5-5`. */
    readonly name: string;
    /** Whether it may put the finished answer into other words; it sees stand-ins for figures, names and days. Default true. */
    readonly reword?: boolean;
  };
}

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
  readonly calendar?: CalendarOptions;
  readonly sources?: Sources;
  readonly costs?: CostOptions;
  /** `windowDays`: how many days before its order a visit may lie and still have a part in it. Default 30. */
  readonly attribution?: { readonly windowDays?: number };
  /** Hours without a visit after which a cart was left, 1 to 720, default 24; days for which tasks are kept, 1 to 730, default 90. */
  readonly tasks?: { readonly cartQuietHours?: number; readonly keepDays?: number };
  /** Metric id -> target. */
  readonly targets?: Readonly<Record<string, Target>>;
  readonly alerts?: AlertOptions;
  /** Who may push data, and how much of it. */
  readonly intake?: IntakeOptions;
  /** An S3-compatible store that several machines share: `s3://bucket/prefix`, region (`us-east-1`), `https://host` of one that is not AWS. */
  readonly store?: { readonly url: string; readonly region?: string; readonly endpoint?: string };
  /** Questions in plain words. */
  readonly ask?: AskOptions;
  /** Where the models of a build run: this machine, or one that has more room. */
  readonly engine?: EngineOptions;
  /** Where `growthos publish` sends marts. */
  readonly publish?: PublishOptions;
  /** The weekly review: `defineDeck({ … })`. */
  readonly deck?: DeckOptions;
  /** Which pages `growthos run` and `growthos report` write unless asked for others, by their ids; default: all. */
  readonly reports?: { readonly pages?: readonly string[] };
  /** Metrics of your own by id: `{ cost_per_ticket: defineMetric({ … }) }`. They are in every list, question and report. */
  readonly metrics?: Readonly<Record<string, MetricOptions>>;
  /** Personal data at landing: hashed with the workspace's own salt (default), kept, or dropped. */
  readonly pii?: "hash" | "keep" | "drop";
  /** Checks of your own in SQL: a folder of `.sql` files, relative to this file. Default: `sql/checks`, when it is there. */
  readonly checks?: { readonly folder?: string };
  /**
   * `memoryMb`: most memory for growthos, 768 or more, two thirds of it for DuckDB, which spills the rest to disk. Default: half of what there is
   * for DuckDB, 1024 to 8192.
   */
  readonly limits?: { readonly memoryMb?: number };
  readonly retention?: {
    /** Builds that are kept for readers and for looking back. Default 3. */
    readonly builds?: number;
    /** Days for which run logs are kept. Default 90. */
    readonly runsDays?: number;
    /** Days for which `growthos prune` keeps events (GA4's export, the pixel). Orders, payments and master data are kept for ever. Default 730. */
    readonly eventsDays?: number;
    /** Days for which it keeps what was mailed and the history of it. Default 365. */
    readonly mailDays?: number;
  };
  /** Pins "today" (`YYYY-MM-DD`), for demos and backfills. */
  readonly asOf?: string;
}

/** One shop, or several with a folder and a database file each. */
export type GrowthosOptions =
  | ShopOptions
  | {
      readonly workspaces?: Readonly<Record<string, ShopOptions>>;
      /**
       * A folder of further workspaces, one `<name>.json` each, e.g. `"clients"`: what stands under `workspaces`, as JSON.
       * `growthos workspaces add <name>` writes such a file.
       */
      readonly workspacesFolder?: string;
    };

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

/** Gives the layout of a weekly review its types; returns what it was given. */
export function defineDeck(options: DeckOptions): DeckOptions {
  return options;
}
