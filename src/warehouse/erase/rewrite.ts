import { sha256 } from "../../base/hash.js";
import type { Random } from "../../base/ids.js";
import { absolutePath } from "../layout.js";
import { sqlPath } from "../read-parquet.js";
import type { ActivePart, Database, Part, Workspace } from "../types.js";
import { LANDED_COLUMNS, newLoadId, writePart } from "../write-part.js";
import type { FoundRow } from "./find.js";

/** What a rewriting needs. */
export interface Rewriting {
  readonly ws: Workspace;
  readonly db: Database;
  readonly random: Random;
}

/** Rows of a part as they are to be, by their number in the file. */
export type Changes = readonly FoundRow[];

/**
 * A copy of a part with some rows changed, verified and in landing, to stand in the place of the part. Every other row is the same, byte
 * for byte and in its order. Errors as `writePart`.
 */
export async function copiedPart({ ws, db, random }: Rewriting, part: ActivePart, changes: Changes): Promise<Part> {
  const loadId = newLoadId(ws, random);
  await changesTable(ws, db, { loadId, changes });
  const own = ["_slice", "_run_id", "_fetched_at", "_api_version"].map((name) => `f.${name}`);
  const sql = `select coalesce(c._key, f._key) as _key, ${own.join(", ")}, coalesce(c._hash, f._hash) as _hash,
      coalesce(c.payload, f.payload) as payload
    from ${numberedRows(absolutePath(ws, part.path))} as f left join erase_changes as c on c.n = f.file_row_number
    order by f.file_row_number`;
  return writeCopy({ ws, db, random }, part, { loadId, sql, rows: part.rows });
}

/** A copy of a part that holds the rows for which a condition on `LANDED_COLUMNS` is true, and answers for the days that are left. */
export async function partOfPart(
  rewriting: Rewriting,
  part: ActivePart,
  { where, days }: { readonly where: string; readonly days: Part["days"] },
): Promise<Part> {
  const { ws, random } = rewriting;
  const columns = Object.keys(LANDED_COLUMNS).join(", ");
  const sql = `select ${columns} from ${numberedRows(absolutePath(ws, part.path))} where ${where} order by file_row_number`;
  return writeCopy(rewriting, { ...part, days }, { loadId: newLoadId(ws, random), sql });
}

async function writeCopy(
  { ws, db }: Rewriting,
  part: ActivePart,
  { loadId, sql, rows }: { readonly loadId: string; readonly sql: string; readonly rows?: number },
): Promise<Part> {
  const { source, stream, supersession, days, origin } = part;
  const copy = await writePart(ws, db, {
    source,
    stream,
    loadId,
    supersession,
    days,
    origin,
    from: { kind: "select", sql, estimateBytes: part.bytes },
    isCopy: true,
    ...(rows === undefined ? {} : { expectRows: rows }),
  });
  return { ...copy, inPlaceOf: placeOf(part) };
}

/** The place in history that a copy of a part takes over. */
export function placeOf({ ordinal, runId, at }: ActivePart): NonNullable<Part["inPlaceOf"]> {
  return { ordinal, runId, at };
}

function numberedRows(path: string): string {
  return `read_parquet([${sqlPath(path)}], hive_partitioning=false, file_row_number=true)`;
}

async function changesTable(
  ws: Workspace,
  db: Database,
  { loadId, changes }: { readonly loadId: string; readonly changes: Changes },
): Promise<void> {
  const folder = ws.at("staging", loadId);
  const path = ws.at("staging", loadId, "changes.ndjson");
  ws.files.makeFolder(folder);
  const lines = changes.map(({ n, key, hash, payload }) => JSON.stringify({ n, _key: key, _hash: hash, payload }));
  ws.files.write(path, `${lines.join("\n")}\n`);
  const columns = "{n: 'BIGINT', _key: 'VARCHAR', _hash: 'VARCHAR', payload: 'VARCHAR'}";
  // A table, so that the join knows which side is small.
  await db.run(
    `create or replace temp table erase_changes as select * from read_json([${sqlPath(path)}], columns=${columns},
      format='newline_delimited', compression='uncompressed', maximum_object_size=67108864)`,
  );
  ws.files.remove(path);
}

/** The digest of a changed row. A keyed one stays: repeats of a pushed event are known by it, and without the salt it tells nothing. */
export function digestOf(row: FoundRow, payload: string): string {
  const isKeyed = /^[0-9a-f]{64}$/.test(row.hash) && row.hash !== sha256(row.payload);
  return isKeyed ? row.hash : sha256(payload);
}
