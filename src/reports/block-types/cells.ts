/** A figure on a page: already formatted, with its status, so that every rendering prints the same text. */
export interface Figure {
  readonly text: string;
  readonly status: "ok" | "provisional" | "undefined" | "unknown";
  /** Why it is not there, or null. */
  readonly note: string | null;
}

/** What figures are compared with: the days just before, or the same weekdays a year earlier. A page that has both shows one at a time. */
export type ComparisonId = "previous" | "year";

/** A column of a table block. */
export interface Column {
  readonly id: string;
  readonly title: string;
  readonly align: "left" | "right";
  /** Its values are few, and the reader may keep the rows of one of them. */
  readonly filter?: true;
  /** Belongs to one of the two comparisons. */
  readonly versus?: ComparisonId;
}
/** A cell of a table block; its text is final. */
export interface TableCell {
  readonly text: string;
  /** For sorting; null sorts last. */
  readonly sort: number | string | null;
  /** The exact value as plain text, for copies and CSV: money in currency units, ratios as decimals. Absent: `sort` is exact. */
  readonly exact?: string;
  readonly tone?: "good" | "bad" | "neutral";
  /** 1 (lowest) to 5: how strongly the cell is shaded among its column. */
  readonly heat?: number;
  readonly note?: string;
  /** Another page of the same folder, or a heading of one. */
  readonly link?: { readonly page: string; readonly anchor?: string };
}

/** What every drawn block says of itself. */
export interface Titled {
  /** States the finding, not the form. */
  readonly title: string;
  /** The finding in words, for who cannot see the drawing. */
  readonly alt: string;
}
