import type { Divider, FrozenLimits } from "../../alerts/signals.js";
import type { ISODate } from "../../base/dates.js";
import type { MetricTarget } from "../../metrics/targets.js";
import type { MetricId } from "../../metrics/types.js";
import type { TextPart } from "../block-types/commentary.js";

/** Blocks that need no more than their name. */
export const NAMED_BLOCKS = [
  "exceptions",
  "week_table",
  "drivers",
  "funnel",
  "cohorts",
  "channels",
  "spend_return",
  "risks",
  "next_steps",
  "events",
  "definitions",
  "data_health",
] as const;

/** One of `NAMED_BLOCKS`. */
export type NamedBlock = (typeof NAMED_BLOCKS)[number];

/** What stands in a section: a block by its name, a chart of one metric, or a table of several. */
export type DeckBlock =
  | NamedBlock
  | { readonly six_twelve: MetricId }
  | { readonly xmr: MetricId }
  | { readonly weeks: readonly MetricId[] }
  | { readonly months: readonly MetricId[] };

/** A chapter of the deck. */
export interface DeckSection {
  readonly title: string;
  readonly blocks: readonly DeckBlock[];
}

/** Something that happened, or will; told beside the metrics that it names, or beside all. */
export interface DeckEvent {
  readonly day: ISODate;
  readonly text: string;
  readonly metrics?: readonly MetricId[];
}

/** What people wrote about a week, by metric. */
export interface Commentary {
  /** The folder as people find it, with one folder per week: `commentary`. */
  readonly folder: string;
  readonly now: Readonly<Record<MetricId, readonly TextPart[]>>;
  readonly before: Readonly<Record<MetricId, readonly TextPart[]>>;
  /** The label of the week before. */
  readonly weekBefore: string;
  /** Files that could not be used, each with its reason. */
  readonly problems: readonly string[];
}

/** Everything that a shop says about its weekly review. */
export interface DeckFacts {
  readonly sections: readonly DeckSection[];
  /** Who answers for a metric. */
  readonly owners: Readonly<Record<MetricId, string>>;
  readonly targets: readonly MetricTarget[];
  readonly events: readonly DeckEvent[];
  /** Metrics whose weeks are watched for more than noise. */
  readonly watch: readonly MetricId[];
  readonly limits: "mean" | "median";
  readonly dividers: readonly Divider[];
  readonly frozen: readonly FrozenLimits[];
  readonly commentary: Commentary;
}
