/** Marts as tables of somebody else's warehouse. A target is given files and puts them in the place of what it had, a whole table at a time. */

/** One relation, ready to be sent. */
export interface PublishTable {
  readonly name: string;
  /** Parquet, absolute. */
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
}

/** A warehouse that takes tables. */
export interface Target {
  readonly id: "bigquery";
  readonly title: string;
  /** Where a table goes, as its people write it. */
  place(table: string): string;
  /**
   * Sends all tables, then puts each in its place at once: whoever reads meanwhile sees the old or the new one, never a part. Calls `told`
   * after each that is in its place. The errors are those of the client, and `PUBLISH_FAILED`.
   */
  publish(tables: readonly PublishTable[], told: (table: PublishTable) => void): Promise<void>;
}
