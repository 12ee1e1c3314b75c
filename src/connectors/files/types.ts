/**
 * A file shape is data: which headers say "this is a Shopify orders export", what each column becomes, and how rows supersede.
 * Everything in this folder is pure; `sync/files.ts` finds and imports, `warehouse/read-files.ts` lets DuckDB read.
 */

/** How the text of a cell is understood; every kind is normalised to one plain text form before it lands. */
export type ValueKind = "text" | "amount" | "count" | "number" | "day" | "instant" | "flag" | "currency";

/** One column that growthos knows, under the name that it has in the payload. */
export interface Field {
  /** Canonical snake_case name in the payload. */
  readonly name: string;
  readonly kind: ValueKind;
  /** Header words by which it is recognised, any language, any case. */
  readonly headers: readonly string[];
  /** The file is refused when no column has it. */
  readonly column?: "required";
  /** A row without a value is a bad row. */
  readonly value?: "required";
  /** Personal data: e-mails are lower-cased before hashing so that one person is one hash in every source. */
  readonly pii?: "email" | "text";
}

/** Rows that are sums of other rows. */
export interface ExcludeRule {
  /** Field (or header) that tells. */
  readonly field: string;
  /** The cell begins with one of these words (any case). */
  readonly startsWith?: readonly string[];
  /** The cell is empty. */
  readonly empty?: true;
}

/** The raw streams that files become: `raw.files__<stream>`, or of the source that the shape names. */
export const FILE_STREAMS = [
  "shopify_orders",
  "shopify_customers",
  "shopify_products",
  "meta_ads",
  "google_ads",
  "ga4",
  "orders",
  "order_lines",
  "customers",
  "spend",
  "traffic",
  "events",
  "daily_metrics",
  "users",
  "locations",
] as const;

/** One of them. */
export type FileStream = (typeof FILE_STREAMS)[number];

/** A kind of file. */
export interface FileShape {
  readonly stream: FileStream;
  /** As people call it: "Shopify orders export". */
  readonly title: string;
  /** Headers of which all must be there for the shape to be recognised without a mapping (field names). */
  readonly signature: readonly string[];
  readonly fields: readonly Field[];
  /** Payload fields whose values, joined by `|`, are the `_key`; the newest file that has a key replaces all rows of that key. */
  readonly key: readonly string[];
  /** One bad row makes every row of its key bad: half an order is worse than none. */
  readonly wholeKey: boolean;
  /** At least one row of each key must carry these fields. */
  readonly oncePerKey: readonly string[];
  readonly exclude: readonly ExcludeRule[];
  /** The field that says which day a row belongs to; null when rows have no day. */
  readonly dayField: string | null;
  /** The source under which it lands; default `files`. Master data is the `sftp` source's wherever the file came from. */
  readonly source?: "sftp";
  /** Each file is the whole list: what it does not name is gone. */
  readonly complete?: true;
  /** Currency from a header such as `Amount spent (EUR)`. */
  readonly currencyInHeaders?: boolean;
}

/** What the first bytes of a file told. */
export interface HeadFacts {
  readonly format: "csv" | "jsonl" | "parquet";
  readonly encoding: "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";
  readonly bom: boolean;
  readonly gzip: boolean;
  /** The sheet of a workbook that was read; absent for other files. */
  readonly sheet?: string;
  /** CSV only; "" for the others. */
  readonly delimiter: string;
  /** 1-based physical line of the header. */
  readonly headerLine: number;
  readonly header: readonly string[];
  /** Lines above the header, without line ends. */
  readonly preamble: readonly string[];
  /** CRLF and LF are mixed within the head. */
  readonly mixedLineEnds: boolean;
  /** A few records below the header, for the proposal of a mapping. */
  readonly sample: readonly (readonly string[])[];
}

/** A column of a file with what it was taken for. */
export interface ColumnMatch {
  /** 0-based position. */
  readonly index: number;
  readonly header: string;
  readonly field: Field;
}

/** Why a file was taken for what it is. */
export interface Recognition {
  readonly shape: FileShape;
  readonly matches: readonly ColumnMatch[];
  /** Columns without a field; they are kept under their own names. */
  readonly others: readonly { readonly index: number; readonly header: string }[];
  /** One sentence. */
  readonly because: string;
  /** ISO code found in a header; null when there was none. */
  readonly currency: string | null;
  /** Language of the headers, for the decimal sign when values alone do not tell. */
  readonly language: "en" | "other";
}

/** What stands in the way of recognising a file, with the nearest shape. */
export interface NearMiss {
  readonly shape: FileShape;
  readonly found: readonly string[];
  readonly missing: readonly string[];
}
