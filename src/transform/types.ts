import type { ISODate } from "../base/dates.js";

/** Values that models read by `getvariable('…')`, one name each; the seeds and settings come from the workspace's config. */
export interface BuildSettings {
  /** `as_of`: the day after the last complete day. */
  readonly asOf: ISODate;
  readonly timeZone: string;
  readonly currency: string;
  /** ISO weekday on which weeks end. */
  readonly weekEndsOn: number;
  readonly fiscalYearEndMonth: number;
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
}

export type Layer = "source_staging" | "staging" | "intermediate" | "marts" | "seeds" | "checks";

/** One SQL file: one relation (or one check), exactly one SELECT. */
export interface Model {
  readonly relation: string;
  readonly layer: Layer;
  /** Path relative to `sql/`. */
  readonly path: string;
  readonly sql: string;
  readonly grain: readonly string[];
  readonly version: number | null;
  readonly references: readonly { readonly columns: readonly string[]; readonly relation: string }[];
  readonly severity: "critical" | "warning" | null;
  /** Relations it reads, from DuckDB's own parser. */
  readonly reads: readonly string[];
}

/** What a build would do, before it does it. */
export interface BuildPlan {
  readonly upToDate: boolean;
  readonly steps: readonly {
    readonly relation: string;
    readonly action: "stage" | "build" | "reuse";
    readonly because: string;
  }[];
}

export interface CheckResult {
  readonly id: string;
  readonly severity: "critical" | "warning";
  readonly passed: boolean;
  readonly message: string;
  readonly offendingRows: number;
}
