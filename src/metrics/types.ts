import type { DateRange, ISODate } from "../base/dates.js";

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
    }
  | { readonly status: "undefined"; readonly because: "zero_denominator" | "zero_numerator"; readonly detail: string }
  | {
      readonly status: "unknown";
      readonly because: "not_configured" | "never_synced" | "days_missing" | "too_young" | "currency_mixed" | "no_data";
      readonly detail: string;
    };

/** A sum over one mart: a table, a column, and a boolean column that filters. No SQL text in TypeScript. */
export interface Measure {
  readonly mart:
    | "fact_orders"
    | "fact_order_lines"
    | "fact_refunds"
    | "fact_spend"
    | "fact_traffic"
    | "fact_daily_metrics";
  /** Column to sum, or `*` to count rows. */
  readonly sum: string;
  /** Boolean columns that must all be true. */
  readonly where?: readonly string[];
  /** Count distinct values of `sum` instead of adding; then the metric is not additive. */
  readonly distinct?: boolean;
  /** Only rows of this `metric_name`: the figures a user declared, in `fact_daily_metrics`. */
  readonly named?: string;
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
}

/** A formula exists once. Ratios are ratios of sums. */
export type MetricDef = Named &
  (
    | {
        readonly kind: "measure";
        readonly measure: Measure;
        /** The same quantity on order lines, read instead when a breakdown or filter needs the product. */
        readonly lines?: Measure;
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
        /** Columns of `cohorts`, summed over the cohort months that begin in the window, then divided. */
        readonly kind: "cohort";
        readonly over: string;
        /** Absent: the sum itself. */
        readonly under?: string;
        readonly matureAfterDays: number;
      }
  );

/** The only breakdowns there are; each names the mart columns it groups by. */
export type Breakdown =
  | "channel"
  | "platform"
  | "campaign"
  | "product"
  | "category"
  | "country"
  | "region"
  | "customer_type"
  | "day"
  | "week"
  | "month";

/** What a window is compared with: the same length just before, 364 days earlier (same weekdays), or given days. */
export type Comparison =
  | { readonly kind: "previous" }
  | { readonly kind: "year_over_year" }
  | { readonly kind: "range"; readonly range: DateRange };

/** Keeps rows by a group; dimensions match by key or by the name that people read. */
export interface Filter {
  readonly field: Exclude<Breakdown, "day" | "week" | "month">;
  readonly operator: "=" | "!=" | "in" | "contains";
  readonly value: string | readonly string[];
}

/** The one way to a number: CLI, alerts, reports, questions, API. */
export interface SemanticQuery {
  /** 1 to 15. */
  readonly metrics: readonly MetricId[];
  /** Complete days, both ends included. */
  readonly window: DateRange;
  readonly compare?: Comparison;
  readonly breakdown?: Breakdown;
  /** Also return the series at this grain. */
  readonly grain?: "day" | "week" | "month";
  readonly filters?: readonly Filter[];
  readonly orderBy?: { readonly metric: MetricId; readonly direction: "asc" | "desc" };
  readonly limit?: number;
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
}
