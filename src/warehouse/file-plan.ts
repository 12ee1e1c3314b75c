import type { ISODate } from "../base/dates.js";

/** How the text of a cell becomes one plain form; the same words as in `connectors/files/types.ts`. */
export type CellKind = "text" | "amount" | "count" | "number" | "day" | "instant" | "flag" | "currency";

/** A column that is understood. */
export interface PlannedColumn {
  /** Name in the payload. */
  readonly name: string;
  /** As the file writes it, for messages. */
  readonly header: string;
  /** 0-based position. */
  readonly index: number;
  readonly kind: CellKind;
  readonly required: boolean;
  readonly pii: "email" | "text" | null;
}

/** A column that is kept as text under its own name. */
export interface OtherColumn {
  readonly header: string;
  readonly index: number;
  readonly pii: boolean;
}

/** Which day a row belongs to; the first that gives one wins. */
export interface DayRule {
  /** Name of the result in the payload. */
  readonly name: string;
  /** A column with the day (or instant). */
  readonly field?: string;
  /** Two columns, first and last day: one day only when both are the same. */
  readonly span?: readonly [string, string];
  /** A column with the number of days since `start`. */
  readonly nth?: { readonly field: string; readonly start: ISODate };
  /** The whole file is about one day. */
  readonly fixed?: ISODate;
}

/** Rows that are sums of others: the first column that `columns` names decides. */
export interface SumRowRule {
  readonly columns: readonly number[];
  readonly startsWith?: readonly string[];
  readonly empty?: true;
}

/** A wide table of figures: each of these columns gives one row per line. */
export interface WideMetrics {
  readonly columns: readonly { readonly index: number; readonly header: string; readonly metric: string }[];
  readonly by: readonly { readonly index: number; readonly header: string }[];
}

/** Everything that DuckDB needs to know about one file. Nothing here is inferred by the engine. */
export interface FilePlan {
  /** Path as the user knows it, for messages and provenance. */
  readonly name: string;
  /** Absolute path of plain text (UTF-8, LF or CRLF, not compressed) or Parquet. */
  readonly path: string;
  readonly format: "csv" | "jsonl" | "parquet";
  readonly delimiter: string;
  /** Physical lines of `path` above its first row. */
  readonly skip: number;
  /** Physical lines of the original above the first line of `path`. */
  readonly lineOffset: number;
  /** All columns of the file in order; for JSON lines dotted paths. */
  readonly header: readonly string[];
  readonly columns: readonly PlannedColumn[];
  readonly others: readonly OtherColumn[];
  readonly key: readonly string[];
  readonly wholeKey: boolean;
  readonly oncePerKey: readonly string[];
  readonly sums: readonly SumRowRule[];
  readonly day: DayRule | null;
  readonly wide: WideMetrics | null;
  /** `name` = product of two columns, where it is empty. */
  readonly products: readonly { readonly name: string; readonly of: readonly [string, string] }[];
  /** Payload members that every row gets when its own column is empty. */
  readonly constants: Readonly<Record<string, string>>;
  /** Decimal sign; null: told by the values. */
  readonly decimal: "." | "," | null;
  /** Used when no value tells. */
  readonly decimalDefault: "." | ",";
  readonly dateFormat: string | null;
  /** Zone of times without an offset; null: they stay local and are the shop's. */
  readonly timeZone: string | null;
  /** Zone in which the days of the rows end: the shop's, or that of a property. */
  readonly dayTimeZone: string;
  /** Amounts are divided by this: 100 when they are written in cents. */
  readonly amountDivisor: number;
}

/** A bad row, or a group of rows excluded as sums. */
export interface BadCell {
  readonly file: string;
  readonly line: number;
  readonly column: string;
  readonly value: string | null;
  readonly reason: string;
}

/** What a file holds, after reading and before landing. */
export interface FileFindings {
  /** Rows below the header. */
  readonly rows: number;
  readonly goodRows: number;
  readonly badRows: number;
  readonly sumRows: number;
  /** Days (in `dayTimeZone`) of the good rows. */
  readonly days: { readonly from: ISODate; readonly to: ISODate } | null;
  /** Sums over the good rows, decimal text, by payload name. */
  readonly totals: Readonly<Record<string, string>>;
  readonly decimal: "." | ",";
  /** Why rows are bad, most frequent first. */
  readonly badReasons: readonly { readonly reason: string; readonly rows: number }[];
  /** The first bad cells with their lines. */
  readonly firstBad: readonly BadCell[];
}
