import type { Figure, Titled } from "./cells.js";

/** One channel or campaign. Numbers are in display units (money in main units); null: not known, and not drawn. */
export interface ScatterPoint {
  readonly label: string;
  readonly x: number | null;
  readonly y: number | null;
  readonly figures: { readonly x: Figure; readonly y: Figure; readonly ratio?: Figure };
}

/** Points by two figures, such as spend and return. */
export interface ScatterBlock extends Titled {
  readonly kind: "scatter";
  readonly x: string;
  readonly y: string;
  /** What the third figure of the table is called, such as ROAS. */
  readonly ratio?: string;
  readonly points: readonly ScatterPoint[];
  /** A line through the origin: y = slope * x, such as the return that only just pays the spend. */
  readonly line?: { readonly label: string; readonly slope: number };
}
