import { quoteText } from "../base/ids.js";
import { absolutePath } from "./layout.js";
import { readParquet, sqlPath } from "./read-parquet.js";
import type { ActivePart, Database, Part, Workspace } from "./types.js";
import { LANDED_COLUMNS, type PartRequest, writePart } from "./write-part.js";

/** Pushed events that are to land once, however often they came. */
export interface EventLanding {
  readonly source: string;
  readonly stream: string;
  readonly loadId: string;
  readonly origin: Part["origin"];
  /** One JSON object per line: the columns of `LANDED_COLUMNS` and `n`, the order in which they came. */
  readonly path: string;
  /** What has landed of the stream. */
  readonly parts: readonly ActivePart[];
  /** Rows with the same `_hash` are one event as well, whatever their keys say. */
  readonly isKnownByHash: boolean;
}

/**
 * Writes those rows whose `_key` is new, among themselves and against everything that has landed; of several the first. Of what has
 * landed only keys and hashes are read. Errors as `writePart`.
 */
export async function landEvents(ws: Workspace, db: Database, landing: EventLanding): Promise<Part> {
  const { source, stream, loadId, origin, path } = landing;
  const request: PartRequest = {
    source,
    stream,
    loadId,
    supersession: "key",
    days: null,
    origin,
    from: { kind: "select", sql: newRows(ws, landing), estimateBytes: ws.files.stat(path)?.bytes ?? 0 },
  };
  return writePart(ws, db, request);
}

function newRows(ws: Workspace, { path, parts, isKnownByHash }: EventLanding): string {
  const columns = Object.keys(LANDED_COLUMNS);
  const types = [...columns.map((name) => `${name}: 'VARCHAR'`), "n: 'BIGINT'"].join(", ");
  const arrived = `select * from read_json([${sqlPath(path)}], columns={${types}}, format='newline_delimited', compression='uncompressed', maximum_object_size=67108864)`;
  const by = (column: string, rows: string) =>
    `select * from (${rows}) as came anti join (${known(ws, parts, column)}) as landed using (${column})
      qualify row_number() over (partition by ${column} order by n) = 1`;
  const once = by("_key", arrived);
  return `select ${columns.join(", ")} from (${isKnownByHash ? by("_hash", once) : once}) as fresh order by n`;
}

function known(ws: Workspace, parts: readonly ActivePart[], column: string): string {
  if (parts.length === 0) return `select ${quoteText("")} as ${column} where false`;
  return `select ${column} from ${readParquet(parts.map((part) => absolutePath(ws, part.path)))}`;
}
