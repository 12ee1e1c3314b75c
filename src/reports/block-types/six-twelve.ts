import type { Figure, Titled } from "./cells.js";

/** A week or a month of the chart. Numbers are in display units (money in main units, rates in percent). */
export interface SixTwelvePoint {
  /** On the axis: `W06`, `Feb`. */
  readonly label: string;
  readonly now: Figure;
  /** Null where it is not known, or not over yet. */
  readonly value: number | null;
  /** The year before. */
  readonly before: number | null;
  readonly target: number | null;
  /** Numbers of the events in it, as the list below the chart counts them. */
  readonly events: readonly number[];
}

/** One of the nine cells. */
export interface BoxCell {
  readonly label: string;
  readonly figure: Figure;
  readonly tone: "good" | "bad" | "neutral";
}

/** Six weeks and twelve months of one metric, this year and the last, with its targets and its box score. */
export interface SixTwelveBlock extends Titled {
  readonly kind: "six_twelve";
  /** What the axis is in: `USD`, `%`; empty for counts. */
  readonly unit: string;
  readonly weeks: readonly SixTwelvePoint[];
  readonly months: readonly SixTwelvePoint[];
  /** LastWk, WOW, YOY, MTD, YOY, QTD, YOY, YTD, YOY. */
  readonly box: readonly BoxCell[];
  /** Where the metric stands against its target for the week; absent without one. */
  readonly target?: { readonly text: string; readonly tone: "good" | "bad" | "neutral" };
  /** What happened in these weeks and months, numbered as on the chart. */
  readonly events: readonly { readonly number: number; readonly text: string }[];
}
