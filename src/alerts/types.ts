import type { DateRange, ISODate } from "../base/dates.js";
import type { ChangeKind } from "../metrics/change.js";
import type { Breakdown, Compared, Filter, MetricId } from "../metrics/types.js";

/** How much an alert matters, lowest first. */
export const SEVERITIES = ["info", "warning", "critical"] as const;

/** One of `SEVERITIES`. */
export type Severity = (typeof SEVERITIES)[number];

/**
 * A value or its change against a limit. Strict: a limit that is met exactly does not fire. Percentages and points are decimals, money is
 * main units of the reporting currency.
 */
export interface Limit {
  readonly metric: MetricId;
  /** `level` looks at the value itself; a change of 0.05 is 5 %, or 5 points. */
  readonly by: ChangeKind | "level";
  readonly over?: number;
  readonly under?: number;
}

/** What must hold. When any value that it names is unknown, nothing is judged. */
export type Condition =
  | Limit
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };

/** The days that a rule looks at. */
export type Look =
  /** The last `days` complete days; `previous`: as many days before, `last_week`: the same weekdays seven days earlier, `last_year`: 364. */
  | { readonly days: number; readonly against: "previous" | "last_week" | "last_year" }
  /** The newest cohort month that began at least so many days ago, against the twelve months before it. */
  | { readonly cohortAfterDays: number };

/**
 * When an alert is told: once when it begins; on every judged day; again whenever so many days have passed; or once, and not again when it
 * comes back within so many days.
 */
export type Repeat = "once" | "continuous" | { readonly cooldownDays: number } | { readonly onceInDays: number };

/**
 * What chance does to the figure that a rule is about, by the number of independent events behind it: an alert must lie beyond that, too
 * (`stats/chance.ts`, D-42). A `count` stands for the count itself, for what is known exactly divided by it (CAC), and for the mean of as
 * many amounts (AOV); a `sum` for the sum of one amount per event (revenue, ROAS); a `share` for a part of the events.
 */
export interface Chance {
  readonly kind: "count" | "sum" | "share";
  /** The metric that counts the events. */
  readonly of: MetricId;
}

/** A rule over metrics: data, so that tests, help and config can read it. */
export interface AlertRule {
  readonly id: string;
  readonly title: string;
  /** `shop` looks at the totals; a breakdown judges each of its groups. */
  readonly scope: "shop" | Exclude<Breakdown, "day" | "week" | "month">;
  readonly filters?: readonly Filter[];
  readonly look: Look;
  /** The metric that the alert is about. */
  readonly about: MetricId;
  /** The highest level that holds is the alert's severity. */
  readonly levels: Readonly<Partial<Record<Severity, Condition>>>;
  /** Below this volume, now and before, the rule is silent: so few tell nothing. */
  readonly minVolume?: { readonly metric: MetricId; readonly atLeast: number };
  /** Absent: thresholds and volume alone decide. */
  readonly chance?: Chance;
  /** The level must have held in `times` of the last `of` windows, one behind the other. */
  readonly lasting?: { readonly times: number; readonly of: number };
  readonly repeat: Repeat;
  readonly advice: string;
}

/** A group that an alert is about. */
export interface Segment {
  readonly by: string;
  readonly key: string;
  readonly label: string;
}

/** What became of a rule in one place. */
export type Verdict =
  | { readonly kind: "fires"; readonly severity: Severity }
  | { readonly kind: "quiet"; readonly because: "within_limits" | "below_volume" | "within_chance" }
  /** An input is unknown: neither silence nor fire. */
  | { readonly kind: "no_signal"; readonly input: string; readonly detail: string };

/** The values of one place: the totals, or a group. */
export type Values = Readonly<Record<MetricId, Compared>>;

/** A judged rule: of the whole shop, or of one group of its breakdown. */
export interface Judgement {
  /** `revenue_decline`, `channel_cac_increase:meta`, `signal:orders`: one alert is one key, for as long as it lasts. */
  readonly key: string;
  readonly rule: string;
  readonly title: string;
  readonly segment: Segment | null;
  /** The metric that it is about; null for what is about the data itself. */
  readonly metric: MetricId | null;
  readonly window: DateRange;
  /** What the window is held against when that is not what the rule's look says: the days behind a usual level. */
  readonly baseline?: DateRange;
  /** The first day of what is reported. */
  readonly since: ISODate;
  readonly verdict: Verdict;
  /** One sentence with the numbers. */
  readonly what: string;
  readonly advice: string;
  readonly repeat: Repeat;
  /** Good or bad news by the metric's direction. */
  readonly means: "better" | "worse" | "neither";
  /** Money that the change stands for, minor units, negative: lost; null when it cannot be told. */
  readonly money: number | null;
}

/** The group that moved most in the direction of the alert. */
export interface Contribution extends Segment {
  /** Part of the whole change, 0.8 = 80 %; above 1 when others moved the other way. */
  readonly share: number;
}

/** An alert as it is told: what, how much, since when, where from, what to do. */
export interface Alert {
  readonly key: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly title: string;
  readonly what: string;
  readonly metric: MetricId | null;
  readonly segment: Segment | null;
  readonly window: DateRange;
  readonly since: ISODate;
  readonly money: number | null;
  readonly currency: string;
  readonly means: Judgement["means"];
  readonly contributor: Contribution | null;
  readonly advice: string;
  readonly repeat: Repeat;
}
