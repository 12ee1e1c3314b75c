/** Marts as tables of somebody else's warehouse. A target is given files and puts them in the place of what it had, a whole table at a time. */
import type { TargetId } from "./parties.js";

/** One relation, ready to be sent. */
export interface PublishTable {
  readonly name: string;
  /** In the target's format, absolute. */
  readonly path: string;
  /** As in the file; types as DuckDB writes them. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: number;
  readonly bytes: number;
}

/** A warehouse that takes tables. */
export interface Target {
  readonly id: TargetId;
  readonly title: string;
  /** What it reads: `copy` is the CSV of PostgreSQL's COPY, `flat` Parquet whose lists and structs are JSON. */
  readonly format: "parquet" | "copy" | "flat";
  /**
   * Sends all tables, then puts each in its place at once: whoever reads meanwhile sees the old or the new one, never a part. Calls `told`
   * after each that is in its place. The errors are those of the client, and `PUBLISH_FAILED`.
   */
  publish(tables: readonly PublishTable[], told: (table: PublishTable) => void): Promise<void>;
}
