import type { DateRange } from "../base/dates.js";
import { sha256 } from "../base/hash.js";
import { quoteName, quoteText } from "../base/ids.js";
import { createRawRelation, rawRelation, type StreamParts, survivors } from "./raw-views.js";
import type { Database } from "./types.js";
import { LANDED_COLUMNS } from "./write-part.js";

/** Rows that stand although a new load replaces the rest. */
export interface KeptRows {
  readonly rows: number;
  /** Whose they are, in order. */
  readonly owners: readonly string[];
  /** The same for the same rows. */
  readonly digest: string;
  /** Gives them with the columns of `LANDED_COLUMNS`, for as long as the database is open. */
  readonly sql: string;
}

const TABLE = "kept_rows";

/**
 * The standing rows of a stream whose owner (their key up to the first `|`) is not among `owners`, of `days` or of all; null when there
 * are none.
 */
export async function rowsOfOthers(
  db: Database,
  stream: StreamParts,
  { owners, days }: { readonly owners: readonly string[]; readonly days: DateRange | null },
): Promise<KeptRows | null> {
  if (stream.parts.length === 0) return null;
  const kept = await survivors(db, { ...stream, table: "standing_owners" });
  await createRawRelation(db, { ...stream, parts: kept.parts });
  const using = kept.kind === "key" ? "_key, _load" : "_slice, _load";
  const standing = kept.kind === "all" ? "" : ` semi join ${quoteName(kept.table)} using (${using})`;
  const known = owners.length === 0 ? "true" : `split_part(_key, '|', 1) not in (${owners.map(quoteText).join(", ")})`;
  const within = days === null ? "true" : `_slice between ${quoteText(days.from)} and ${quoteText(days.to)}`;
  const columns = Object.keys(LANDED_COLUMNS).join(", ");
  await db.run(
    `create or replace temp table ${TABLE} as select ${columns} from ${rawRelation(stream.source, stream.stream)} as rows${standing}
      where ${known} and ${within}`,
  );
  const found = await db.all(
    `select split_part(_key, '|', 1) as owner, count(*) as rows, string_agg(_key || ' ' || _hash, chr(10) order by _key, _hash) as all_rows
      from ${TABLE} group by owner order by owner`,
  );
  if (found.length === 0) return null;
  return {
    rows: found.reduce((sum, { rows }) => sum + Number(rows), 0),
    owners: found.map(({ owner }) => String(owner)),
    digest: sha256(found.map(({ all_rows }) => String(all_rows)).join("\n")),
    sql: `select ${columns} from ${TABLE}`,
  };
}
