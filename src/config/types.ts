import type { ISODate } from "../base/dates.js";

/** What the program uses: complete, checked, with every default filled in. What people write is in `schema.ts`. */
export interface Config {
  /** Folder of growthos.config.ts; workspaces live under it. */
  readonly projectRoot: string;
  readonly workspaces: readonly WorkspaceConfig[];
}

/** One shop: its own folder, its own database file. */
export interface WorkspaceConfig {
  readonly name: string;
  readonly shop: { readonly name: string; readonly currency: string; readonly timeZone: string };
  readonly calendar: {
    /** ISO weekday on which a week ends: 1 = Monday … 7 = Sunday. */
    readonly weekEndsOn: number;
    /** Month in which the fiscal year ends, 1-12. */
    readonly fiscalYearEndMonth: number;
  };
  readonly sources: readonly SourceConfig[];
  readonly costs: Costs;
  /** Metric id -> target per day, week or month, in the metric's own unit (money in minor units). */
  readonly targets: readonly {
    readonly metric: string;
    readonly period: "day" | "week" | "month";
    readonly value: number;
  }[];
  /** Metrics of the user's own; absent: none. */
  readonly metrics?: readonly OwnMetricConfig[];
  readonly pii: "hash" | "keep" | "drop";
  readonly retention: { readonly builds: number; readonly runsDays: number };
  /** A fixed as-of day (the demo); null: today in the shop's time zone. */
  readonly asOf: ISODate | null;
  /** The simulated world behind sources whose transport is "demo"; absent without them. */
  readonly demo?: { readonly seed: number; readonly days: number; readonly asOf: ISODate };
  /** SHA-256 of what the user wrote, without secrets. */
  readonly hash: string;
}

/** A metric of the user's own, as written, with its id; which of the kinds it is, is told by the members that are there. */
export interface OwnMetricConfig {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly unit: "money" | "count" | "ratio" | "multiple" | "days" | "number";
  readonly better: "up" | "down" | "neither";
  readonly aliases: readonly string[];
  readonly formula?: string;
  readonly sum?: string;
  readonly count?: string;
  readonly distinct?: string;
  readonly figure?: string;
  readonly where?: readonly string[];
  readonly plus?: readonly string[];
  readonly minus?: readonly string[];
  readonly divide?: string;
  readonly by?: string;
  readonly times?: number;
  readonly multiply?: readonly string[];
  readonly slopeOf?: string;
}

/** Shares are decimals: 0.08 = 8 %. */
export interface Costs {
  /** Gross margin by product category, lower-cased. */
  readonly categoryMargins: Readonly<Record<string, number>>;
  readonly defaultMargin: number;
  readonly shippingShare: number;
  readonly opsShare: number;
  readonly paymentFeeShare: number;
  /** Fixed part of the payment fee per order, minor units. */
  readonly paymentFeeFixed: number;
}

/** One source of a shop. */
export interface SourceConfig {
  readonly id: string;
  /** Checked against the connector's own schema. */
  readonly options: unknown;
  /** Where its bytes come from. */
  readonly transport: "network" | "demo";
  readonly timeoutMinutes: number;
  /** First day wanted by a first run. */
  readonly since: ISODate | null;
  /** What happens when the vendor's records change, for all streams or by stream; absent: evolve. */
  readonly contract?: ContractName | Readonly<Record<string, ContractName>>;
  /** Only these streams are read; absent: all of the source. */
  readonly streams?: readonly string[];
}

/** `evolve` keeps and tells every change, `freeze` refuses the load, `quarantine` sets records of another type aside. */
export type ContractName = "evolve" | "freeze" | "quarantine";
