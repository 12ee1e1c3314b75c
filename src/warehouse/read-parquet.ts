import { quoteText } from "../base/ids.js";

/** A path as a SQL literal that DuckDB takes for exactly that file: its glob characters are escaped. For reading; COPY targets are no globs. */
export function sqlPath(path: string): string {
  return quoteText(path.replace(/[[*?]/g, "[$&]"));
}

/** A table function over exactly these files: no globs, no columns or values out of folder names. */
export function readParquet(paths: readonly string[]): string {
  return `read_parquet([${paths.map(sqlPath).join(", ")}], hive_partitioning=false)`;
}
