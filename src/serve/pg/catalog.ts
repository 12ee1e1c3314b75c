/** Questions about the catalog in DuckDB's words. */
import { catalogCode } from "../../warehouse/pg-catalog.js";
import { replaceInCode } from "./statements.js";

const NAMES_CATALOG = /\bpg_|\binformation_schema\b|::\s*(reg|name|oid|cstring)/i;
/** `'pg_class'::regclass`: the number of a catalog relation, of which nothing here has a row. */
const CATALOG_RELATION = /'(pg_catalog\.)?pg_\w+'::(pg_catalog\.)?regclass/gi;
/** Grafana unfolds the search path to see which schemas to list. */
const UNFOLDED_PATH =
  /\(\s*select\s+case\s+when\s+trim\(s\[i\]\)[^;]*?\bstring_to_array\(current_setting\('search_path'\),','\)\s+s\s*\)/i;

/** The statement as it is run. */
export function translated(sql: string): string {
  if (!NAMES_CATALOG.test(sql)) return sql;
  return replaceInCode(sql.replace(CATALOG_RELATION, "0").replace(UNFOLDED_PATH, "('main')"), catalogCode);
}
