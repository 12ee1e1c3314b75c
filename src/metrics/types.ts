import type { Calendar, DateRange, ISODate } from "../base/dates.js";
import type { Grain } from "./calendar.js";

/** A metric's permanent name: lower snake case. */
export type MetricId = string;

/** Money is minor units of the reporting currency; ratios are decimals (0.15 = 15 %); multiples print as 3.20x. */
export type Unit = "money" | "count" | "ratio" | "multiple" | "days" | "number";

/** Why a value is not there. Zero means "we looked and there was none". */
export type MetricValue =
  | {
      readonly status: "ok";
      readonly value: number /** True while the source may still restate the days. */;
      readonly provisional?: boolean;
      /** What is not in it: source-days, where the query takes them as they are, or spend of a day that is told in none of its hours. */
      readonly partial?: string;
    }
  | {
      readonly status: "undefined";
      /** `one_day`: a single day has no slope. */
      readonly because: "zero_denominator" | "negative_denominator" | "zero_numerator" | "one_day";
      readonly detail: string;
    }
  | {
      readonly status: "unknown";
      /** `not_told`: a source that is in the sum does not say it. */
      readonly because:
        | "not_configured"
        | "never_synced"
        | "days_missing"
        | "too_young"
        | "currency_mixed"
        | "no_data"
        | "not_told";
      readonly detail: string;
    };

/** A sum over one mart: a table, a column, and a boolean column that filters. No SQL text in TypeScript. */
export interface Measure {
  readonly mart:
    | "fact_orders"
    | "fact_order_lines"
    | "fact_refunds"
    | "fact_spend"
    | "fact_ad_spend"
    | "fact_spend_hours"
    | "fact_spend_quarters"
    | "fact_traffic"
    | "fact_events"
    | "fact_web_activity"
    | "fact_costs"
    | "fact_ledger"
    | "fact_attribution"
    | "fact_daily_metrics";
  /** Column to sum, or `*` to count rows. */
  readonly sum: string;
  /** Boolean columns that must all be true. */
  readonly where?: readonly string[];
  /** Count distinct values of `sum` instead of adding; then the metric is not additive. */
  readonly distinct?: boolean;
  /** Only rows in which a text column has this value: one figure of `fact_daily_metrics`, one kind of event. */
  readonly only?: { readonly column: string; readonly value: string };
}

interface Named {
  readonly id: MetricId;
  readonly title: string;
  /** One sentence: what it means and what it is based on. */
  readonly description: string;
  readonly aliases: readonly string[];
  /** The formula as people write it, printed beside the number. */
  readonly formula: string;
  readonly unit: Unit;
  /** Which way is good news. */
  readonly better: "up" | "down" | "neither";
  /** Where the definition comes from: a standard, a vendor, a decision id. */
  readonly source: string;
  /** Where others use the same name for another figure: who, and what they mean. */
  readonly disputed?: string;
  /** Defined in the user's config. */
  readonly own?: true;
}

/** A formula exists once. Ratios are ratios of sums. */
export type MetricDef = Named &
  (
    | {
        readonly kind: "measure";
        readonly measure: Measure;
        /** The same quantity in finer facts: the first that carries what a breakdown, filter or grain needs is read instead. */
        readonly finer?: readonly Measure[];
      }
    | {
        readonly kind: "total" /** Signed sum of other metrics. */;
        readonly terms: readonly { readonly metric: MetricId; readonly sign: 1 | -1 }[];
      }
    | {
        readonly kind: "ratio";
        readonly over: MetricId;
        readonly under: MetricId /** Multiplies the quotient, e.g. 1000 for CPM. */;
        readonly times?: number;
        /** Nothing over something is no answer either: a CAC of 0 where nothing was spent would read as free. */
        readonly overNotZero?: true;
      }
    | {
        readonly kind: "product" /** Other metrics multiplied. */;
        readonly factors: readonly MetricId[];
      }
    | {
        /** How many days the window has: turns a sum into a figure per day. */
        readonly kind: "days";
      }
    | {
        /**
         * Least-squares slope through the values of each day, per day; a day without rows is 0. It is a sum too, of each row times
         * its day's distance from the middle of the window, so that one scan gives it for every group and every point.
         */
        readonly kind: "slope";
        /** An additive metric without cohorts. */
        readonly of: MetricId;
      }
    | {
        /** Columns of `cohorts`, summed over the cohort months that begin in the window, then divided. */
        readonly kind: "cohort";
        readonly over: string;
        /** Absent: the sum itself. */
        readonly under?: string;
        readonly matureAfterDays: number;
      }
  );

/** A breakdown by a property of the rows; each names the mart columns it groups by. */
export type GroupBreakdown =
  | "channel"
  | "platform"
  | "account"
  | "campaign"
  | "ad_set"
  | "ad"
  | "product"
  | "category"
  | "country"
  | "region"
  | "device"
  | "location"
  | "customer_type"
  | "cost_category";

/** Time within a day, told by the shop's clock; only of facts that know the instant. */
export type ClockGrain = "15min" | "hour" | "4hours" | "12hours";

/** The only breakdowns there are. */
export type Breakdown = GroupBreakdown | Grain;

/** Numbers of single rows that a filter may compare: an order's value (minor units, before returns) and its place in the customer's history. */
export type NumberField = "order_value" | "order_number";

/** What a filter may name. `status` is the campaign's as the platform lists it now: active, paused, removed … */
export type FilterField = GroupBreakdown | "status" | NumberField;

/**
 * What a window is compared with: the same length just before, 364 days earlier (same weekdays), the same dates a year earlier, or
 * given days.
 */
export type Comparison =
  | { readonly kind: "previous" }
  | { readonly kind: "year_over_year" }
  | { readonly kind: "same_date" }
  | { readonly kind: "range"; readonly range: DateRange };

/** Keeps rows by a group; dimensions match by key or by the name that people read. `>` and the like compare numbers. */
export type Filter =
  | {
      readonly field: GroupBreakdown | "status";
      readonly operator: "=" | "!=" | "in" | "contains";
      readonly value: string | readonly string[];
    }
  | {
      readonly field: NumberField;
      readonly operator: NumberOperator;
      readonly value: number;
    };

/** How two numbers are compared. */
export type NumberOperator = "=" | "!=" | ">" | ">=" | "<" | "<=";

/** Keeps the rows of a breakdown by a metric's value in its own unit (money in minor units); rows without a value are left out. */
export interface Having {
  readonly metric: MetricId;
  readonly operator: NumberOperator;
  readonly value: number;
}

/** The one way to a number: CLI, alerts, reports, questions, API. Every part composes with every other. */
export interface SemanticQuery {
  /** 1 to 15. */
  readonly metrics: readonly MetricId[];
  /** Complete days, both ends included. */
  readonly window: DateRange;
  readonly compare?: Comparison;
  readonly breakdown?: Breakdown;
  /** Also return the series at this grain; of every row, too, when the breakdown is not by time. */
  readonly grain?: Grain | ClockGrain;
  readonly filters?: readonly Filter[];
  /** Conditions that the rows of the breakdown must all meet; totals stay those of all rows. */
  readonly having?: readonly Having[];
  readonly orderBy?: { readonly metric: MetricId; readonly direction: "asc" | "desc" };
  readonly limit?: number;
  /** Days of a source that are missing make a value unknown; `as_is` gives what is there instead, and says what is not. */
  readonly partial?: "as_is";
}

/** A value and what it is compared with. */
export interface Compared {
  readonly value: MetricValue;
  readonly previous?: MetricValue;
  /** (value - previous) / |previous|; absent unless both are ok; undefined when previous is 0. */
  readonly change?: MetricValue;
}

/** One group of a breakdown, or one point of a series. */
export interface BreakdownRow {
  /** The group's stable key (`meta`, `2026-02-08` …) and what people read. */
  readonly key: string;
  readonly label: string;
  readonly values: Readonly<Record<MetricId, Compared>>;
  /** The group's own points, when a grain was asked for beside a breakdown that is not by time. */
  readonly series?: readonly BreakdownRow[];
}

/** The answer to a query. */
export interface QueryResult {
  readonly query: SemanticQuery;
  readonly totals: Readonly<Record<MetricId, Compared>>;
  readonly rows: readonly BreakdownRow[];
  /** One row per bucket, gaps included (their values say unknown or zero). */
  readonly series: readonly BreakdownRow[];
  /** The statements that were run: the proof. */
  readonly sql: readonly string[];
}

/** What every answer is stamped with. */
export interface AnswerContext {
  readonly shop: string;
  readonly currency: string;
  readonly timeZone: string;
  /** The day the answer is for; windows end at the day before or earlier. */
  readonly asOf: ISODate;
  readonly lastCompleteDay: ISODate;
  readonly buildId: string;
  readonly inputHash: string;
  /** ISO weekday on which weeks end, 1 = Monday … 7 = Sunday; absent: 7. */
  readonly weekEndsOn?: number;
  /** The shop's whole calendar; absent: a plain one whose weeks end on `weekEndsOn`. */
  readonly calendar?: Calendar;
}
