import type { Figure, Titled } from "./cells.js";

/** One week. */
export interface XmrPoint {
  /** `W06`, and the day on which the week ends. */
  readonly label: string;
  readonly day: string;
  /** In display units; null where it is not known. */
  readonly value: number | null;
  readonly figure: Figure;
  /** The rule that the point is part of: 1 outside a limit, 2 eight on one side, 3 three of four near a limit. */
  readonly rule: 1 | 2 | 3 | null;
  /** What that means by the metric's direction. */
  readonly means: "better" | "worse" | "neither";
}

/** A process-behaviour chart: weeks, their usual level and natural limits, and which of them are more than noise. */
export interface XmrBlock extends Titled {
  readonly kind: "xmr";
  readonly unit: string;
  readonly points: readonly XmrPoint[];
  /** Null while there are too few weeks. */
  readonly limits: {
    readonly centre: number;
    readonly upper: number;
    readonly lower: number;
    readonly figures: { readonly centre: string; readonly upper: string; readonly lower: string };
    readonly provisional: boolean;
  } | null;
  /** What the limits were made from, and whether they may still move. */
  readonly note: string;
}
