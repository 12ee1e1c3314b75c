import type { Calendar, ISODate } from "../base/dates.js";
import type { PublishedBuild } from "../warehouse/types.js";

/** Values that models read by `getvariable('…')`, one name each; the seeds and settings come from the workspace's config. */
export interface BuildSettings {
  /** `as_of`: the day after the last complete day. */
  readonly asOf: ISODate;
  readonly timeZone: string;
  readonly currency: string;
  /** ISO weekday on which weeks end. */
  readonly weekEndsOn: number;
  /** `attribution_window_days`: how long before its order a visit may lie; absent: 30. */
  readonly attributionWindowDays?: number;
  /** `cart_quiet_hours` and `task_keep_days`; absent: 24 and 90. */
  readonly tasks?: { readonly cartQuietHours: number; readonly keepDays: number };
  readonly fiscalYearEndMonth: number;
  /** The rest of the calendar; absent: calendar months, weeks of the nearest rule, years named by their end. */
  readonly fiscalPeriods?: Calendar["periods"];
  readonly fiscalLastWeek?: Calendar["lastWeek"];
  readonly fiscalYearNamedBy?: Calendar["yearNamedBy"];
  /** `dim_date` reaches at least to the end of this day's year; absent: `asOf`. */
  readonly datesUntil?: ISODate;
  readonly costs: {
    readonly categoryMargins: Readonly<Record<string, number>>;
    readonly defaultMargin: number;
    readonly shippingShare: number;
    readonly opsShare: number;
    readonly paymentFeeShare: number;
    readonly paymentFeeFixed: number;
  };
  /** Sources configured in the workspace, for `not_configured`. */
  readonly sources: readonly string[];
  /** Source -> days that it may be behind; a source that is not listed is not judged. */
  readonly freshness?: Readonly<Record<string, FreshnessLimits>>;
}

/** Complete days that a source may lack before that is a warning, and an error. */
export interface FreshnessLimits {
  readonly warnAfterDays: number;
  readonly errorAfterDays: number;
}

/** Where a relation stands; who may read whom is in `graph.ts`. */
export type Layer = "source_staging" | "staging" | "intermediate" | "marts" | "seeds" | "checks";

/** A failed critical check keeps the previous build; an error ends `check` and `run` with exit code 4; a warning is recorded and shown. */
export type Severity = "critical" | "error" | "warning";

/** What has to be there so that a check can say anything. */
export interface Need {
  /** What follows `from`: a relation, perhaps with a `where`. */
  readonly sql: string;
  /** The same for people: "there are no orders". */
  readonly absent: string;
}

/** A promise of a header: every non-null value of the columns is in the other relation. */
export interface Reference {
  readonly columns: readonly string[];
  readonly relation: string;
  /** Columns of the other relation; the same names when the header says nothing. */
  readonly targets: readonly string[];
  readonly severity: Severity;
}

/** One SQL file: one relation (or one check), exactly one SELECT. */
export interface Model {
  readonly relation: string;
  readonly layer: Layer;
  /** The folder under `staging/`; null elsewhere. */
  readonly source: string | null;
  /** Path relative to `sql/`. */
  readonly path: string;
  readonly sql: string;
  /** The first line of the header: what a row is. */
  readonly title: string;
  readonly grain: readonly string[];
  readonly version: number | null;
  readonly references: readonly Reference[];
  readonly severity: Severity | null;
  /** Without a row in each of these a check is neither passed nor failed; null: the header does not say. */
  readonly needs: readonly Need[] | null;
  /** A name by which others know the check; null: none. */
  readonly alias: string | null;
  /** True when the header says that an emptied relation is no accident. */
  readonly mayBeEmpty: boolean;
  /** What of `computed.ts` fills the columns that the statement leaves null; null: nothing does. */
  readonly computed: string | null;
  /** Of a stream of pushed events: the topics whose rows it stages, and it leaves out all others; null: it stages every row. */
  readonly topics: readonly string[] | null;
  /** Relations it reads, from DuckDB's own parser; raw, seed and meta relations with their schema. */
  readonly reads: readonly string[];
  /** Names of its common table expressions; none may be the name of a relation. */
  readonly ctes: readonly string[];
  /** Functions and macros it calls. */
  readonly functions: readonly string[];
  /** Session variables it reads itself. */
  readonly variables: readonly string[];
}

/** What happens to a relation. */
export interface BuildStep {
  readonly relation: string;
  readonly action: "stage" | "build" | "reuse";
  readonly because: string;
}

/** What a build would do, before it does it. */
export interface BuildPlan {
  readonly upToDate: boolean;
  readonly steps: readonly BuildStep[];
}

/** What one check found in one build. */
export interface CheckResult {
  readonly id: string;
  readonly severity: Severity;
  /** `unknown`: what it looks at is not there, or it could not be run. Unknown is no pass. */
  readonly status: "passed" | "failed" | "unknown";
  /** True for `passed` only. */
  readonly passed: boolean;
  readonly message: string;
  readonly offendingRows: number;
  /** True for a check of the user's own that could not be run: it has to be repaired. */
  readonly broken?: boolean;
  /** A name by which others know the check. */
  readonly alias?: string;
}

/** What a build did. */
export interface BuildOutcome {
  readonly build: PublishedBuild;
  /** True when nothing had changed and no SQL was run; `checks` are then those of the published build. */
  readonly upToDate: boolean;
  readonly plan: BuildPlan;
  readonly checks: readonly CheckResult[];
  /** Rows of every public relation. */
  readonly rows: Readonly<Record<string, number>>;
}
