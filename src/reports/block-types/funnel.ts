import type { Figure, Titled } from "./cells.js";

/** One step of a funnel. */
export interface FunnelStep {
  readonly label: string;
  /** How many came so far; null where it is not known. */
  readonly value: number | null;
  readonly figure: Figure;
  /** The share of the step before that came on to here; null for the first step. */
  readonly passed: Figure | null;
  /** A word about the way to this step: "Largest drop". */
  readonly tag?: string;
}

/** Steps that each hold a part of those before; the largest drop bears a tag. */
export interface FunnelBlock extends Titled {
  readonly kind: "funnel";
  readonly steps: readonly FunnelStep[];
}
