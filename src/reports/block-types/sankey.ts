import type { Figure, Titled } from "./cells.js";

/** A place on the way, as high as what passes it. */
export interface SankeyNode {
  readonly id: string;
  readonly label: string;
  /** From the left, 0 first. */
  readonly column: number;
  readonly value: number;
  readonly figure: Figure;
}

/** What goes from one place to one of a later column. */
export interface SankeyLink {
  readonly from: string;
  readonly to: string;
  readonly value: number;
  readonly figure: Figure;
}

/** Ways from place to place; what enters a place leaves it again, but in the last column. */
export interface SankeyBlock extends Titled {
  readonly kind: "sankey";
  /** Titles of the columns. */
  readonly columns: readonly string[];
  readonly nodes: readonly SankeyNode[];
  readonly links: readonly SankeyLink[];
}
