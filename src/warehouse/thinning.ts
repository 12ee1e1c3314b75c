import { absolutePath } from "./layout.js";
import { readParquet } from "./read-parquet.js";
import type { ActivePart, Workspace } from "./types.js";

/**
 * The rows of snapshot parts, thinned to the newest of each hour and thing. A row's key is `<key>@<instant>` and its `_slice` the
 * instant; of several with one instant the later part's stays.
 */
export function newestOfHour(ws: Workspace, parts: readonly ActivePart[]): string {
  const sorted = [...parts].sort((a, b) => a.ordinal - b.ordinal);
  const file = readParquet(sorted.map(({ path }) => absolutePath(ws, path)));
  return `select * exclude (place) from (select *, file_index as place from ${file})
    qualify row_number() over (
      partition by regexp_replace(_key, '@[^@]*$', ''), _slice[:13] order by _slice desc, place desc, _key
    ) = 1`;
}
