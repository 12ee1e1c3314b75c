import { dirname } from "node:path";
import type { DateRange } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { isPlainName, quoteText, type Random } from "../base/ids.js";
import { erasedRows } from "./erase/landing.js";
import { hasPersonalKeys } from "./erase/names.js";
import { relativePath } from "./layout.js";
import { headVersion } from "./log.js";
import { readParquet, sqlPath } from "./read-parquet.js";
import type { Cell, Database, Part, Supersession, Workspace } from "./types.js";

/**
 * The columns of every landed file, in order, with their DuckDB types. `_hash` tells whether two rows of a stream hold the same payload, no more:
 * SHA-256, in the rows of a bulk file DuckDB's own 64 bits, because a digest would be a third of all work. The bytes are proven by the file's own digest.
 */
export const LANDED_COLUMNS = {
  _key: "VARCHAR",
  _slice: "VARCHAR",
  _run_id: "VARCHAR",
  _fetched_at: "TIMESTAMP WITH TIME ZONE",
  _api_version: "VARCHAR",
  _hash: "VARCHAR",
  payload: "VARCHAR",
} as const;

/** Where the rows of a part come from. Both must give the columns of `LANDED_COLUMNS`. */
export type PartInput =
  /** A file with one JSON object per line: { _key, _slice, _run_id, _fetched_at, _api_version, _hash, payload (text) }. */
  | {
      readonly kind: "ndjson";
      readonly path: string;
      /** Only rows whose `_slice` is one of these days. */
      readonly only?: DateRange;
      /** A query with the columns of `LANDED_COLUMNS`, whose rows come after those of the file. */
      readonly also?: string;
    }
  | {
      readonly kind: "select";
      readonly sql: string;
      readonly params?: readonly Cell[];
      readonly estimateBytes?: number;
      /** Rows of a row group, default 16384. */
      readonly rowGroupRows?: number;
      /** Texts are not searched for repetitions, which costs a tenth of the time where hardly one comes twice. */
      readonly plain?: true;
    };

/** One part to write. */
export interface PartRequest {
  readonly source: string;
  readonly stream: string;
  /** From `newLoadId`; a load holds one part per stream. */
  readonly loadId: string;
  readonly supersession: Supersession;
  /** The days that the part answers for; needed for `window`, where every `_slice` must be one of them. */
  readonly days: DateRange | null;
  readonly origin: Part["origin"];
  readonly from: PartInput;
  /** `last`: of several rows with one key and slice only the last stays (pages of an API overlap); default: all stay. */
  readonly dedupe?: "last";
  /** The number of rows that the provider promised, before `dedupe`; another number is `ROWS_MISSING`. */
  readonly expectRows?: number;
  /** The rows are those of a part that has landed: nobody is looked for in them again. */
  readonly isCopy?: true;
}

const RESERVE_BYTES = 256 * 1024 * 1024;
/** One API object may have at most this many bytes as JSON text. */
export const MAX_OBJECT_BYTES = 16 * 1024 * 1024;

/** A name for a load that was never used before: the next version and 64 random bits. */
export function newLoadId(ws: Workspace, random: Random): string {
  return `${String(headVersion(ws) + 1).padStart(12, "0")}-${random.hex(8)}`;
}

/** Throws `DISK_FULL` (exit io) unless twice the estimate and 256 MiB are free. */
export function requireSpace(ws: Workspace, estimateBytes: number): void {
  const free = ws.files.free(ws.root);
  const needed = 2 * estimateBytes + RESERVE_BYTES;
  if (free >= needed) return;
  throw new GrowthosError({
    code: "DISK_FULL",
    what: `${mebibytes(needed)} MiB are needed, ${mebibytes(free)} MiB are free at ${ws.root}`,
    state: "nothing was written",
    hint: "free disk space, or run `growthos gc`",
    exit: "io",
  });
}

const mebibytes = (bytes: number): number => Math.ceil(bytes / 1024 / 1024);

/**
 * Writes rows as Parquet into staging, opens the file again and compares it with what went in, hashes it, makes it durable and renames
 * it into landing. It is invisible until `commit` names it. The caller holds the ingest lock.
 * Errors: `DISK_FULL`, `ROWS_MISSING`, `PART_ROWS` (null key, slice outside the days), `PART_UNVERIFIED`, `BAD_PATH`.
 */
export async function writePart(ws: Workspace, db: Database, request: PartRequest): Promise<Part> {
  requireNames(request);
  requireSpace(ws, estimateOf(ws, request.from));
  const folder = ws.at("staging", request.loadId, request.source, request.stream);
  ws.files.makeFolder(folder);
  const path = ws.at("staging", request.loadId, request.source, request.stream, "part-0000.parquet");
  const written = await writeRows(ws, db, request, path);
  const rows = request.isCopy === true ? written : await withoutErased(ws, db, { request, path, rows: written });
  const found = await verifyRows(db, request, path, rows);
  // The log cannot be rewritten: no person's number may stand in it.
  const keys = hasPersonalKeys(request.source, request.stream) ? null : found;
  const { sha256, bytes } = ws.files.digest(path);
  ws.files.sync(path);
  ws.files.sync(folder);
  const landed = land(ws, request, folder);
  const { source, stream, supersession, days, origin } = request;
  return { source, stream, path: relativePath(ws, landed), rows, bytes, sha256, supersession, days, keys, origin };
}

/** A query, its parameters, and how it is written: see `PartInput`. */
export interface ToCopy {
  readonly sql: string;
  readonly params?: readonly Cell[];
  readonly rowGroupRows?: number | undefined;
  readonly plain?: true | undefined;
}

/** Copies a query's result to one Parquet file in the landing format (zstd, small row groups), as one mutating call; gives the row count. Not durable. */
export async function copyToParquet(ws: Workspace, db: Database, query: ToCopy, path: string): Promise<number> {
  const dictionary = query.plain === true ? "dictionary_size_limit 1, " : "";
  const copy = `copy (${query.sql}) to ${quoteText(path)} (format parquet, compression zstd, ${dictionary}row_group_size ${query.rowGroupRows ?? 16_384}, use_tmp_file false)`;
  // COPY gives one row with the number of rows written.
  const result = await ws.files.external("copy", path, () => db.one(copy, query.params));
  return Number(result["Count"]);
}

async function writeRows(ws: Workspace, db: Database, request: PartRequest, path: string): Promise<number> {
  if (request.dedupe === undefined)
    return expectRows(request, await copyToParquet(ws, db, inputQuery(request.from), path));
  const all = `${path}.all`;
  expectRows(request, await copyToParquet(ws, db, inputQuery(request.from), all));
  // The payloads stay out of the aggregate: it sees keys and row numbers only.
  const source = `read_parquet([${sqlPath(all)}], hive_partitioning=false, file_row_number=true)`;
  const last = `select max(file_row_number) from ${source} group by _key, _slice`;
  const columns = Object.keys(LANDED_COLUMNS).join(", ");
  const sql = `select ${columns} from ${source} where file_row_number in (${last}) order by file_row_number`;
  const rows = await copyToParquet(ws, db, { sql }, path);
  ws.files.remove(all);
  return rows;
}

/** Takes out of a staged file who was erased; gives the number of rows that are left. */
async function withoutErased(
  ws: Workspace,
  db: Database,
  { request, path, rows }: { readonly request: PartRequest; readonly path: string; readonly rows: number },
): Promise<number> {
  const erased = await erasedRows(ws, db, { source: request.source, stream: request.stream, path });
  if (erased === null) return rows;
  const changes = `${path}.erased.ndjson`;
  ws.files.write(changes, erased.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const was = `${path}.was`;
  ws.files.rename(path, was);
  const types = "{n: 'BIGINT', key: 'VARCHAR', payload: 'VARCHAR'}";
  await db.run(`create or replace temp table erased_rows as select * from
    read_json([${sqlPath(changes)}], columns=${types}, format='newline_delimited', maximum_object_size=${2 * MAX_OBJECT_BYTES + 65536})`);
  const stamps = ["_slice", "_run_id", "_fetched_at", "_api_version"].map((name) => `f.${name}`);
  const left = await copyToParquet(
    ws,
    db,
    {
      sql: `select coalesce(e.key, f._key) as _key, ${stamps.join(", ")},
          case when f._hash = sha256(f.payload) and e.n is not null then sha256(e.payload) else f._hash end as _hash,
          coalesce(e.payload, f.payload) as payload
        from read_parquet([${sqlPath(was)}], hive_partitioning=false, file_row_number=true) as f
        left join erased_rows as e on e.n = f.file_row_number where e.n is null or e.key is not null
        order by f.file_row_number`,
    },
    path,
  );
  for (const used of [changes, was]) ws.files.remove(used);
  return left;
}

function inputQuery(from: PartInput): ToCopy {
  const cast = Object.entries(LANDED_COLUMNS).map(([name, type]) => `${name}::${type} as ${name}`);
  if (from.kind === "select") {
    const { sql, params = [], rowGroupRows, plain } = from;
    return { sql: `select ${cast.join(", ")} from (${sql})`, params, rowGroupRows, plain };
  }
  // Every column is named: inference would turn ids into numbers and offsets into nothing.
  const columns = Object.keys(LANDED_COLUMNS).map((name) => `${name}: 'VARCHAR'`);
  const options = `columns={${columns.join(", ")}}, format='newline_delimited', compression='uncompressed', maximum_object_size=${2 * MAX_OBJECT_BYTES + 65536}`;
  const only = from.only === undefined ? "" : ` where _slice between '${from.only.from}' and '${from.only.to}'`;
  const rows = `select ${cast.join(", ")} from read_json([${sqlPath(from.path)}], ${options})${only}`;
  return { sql: from.also === undefined ? rows : `${rows} union all select * from (${from.also}) as kept${only}` };
}

function estimateOf(ws: Workspace, from: PartInput): number {
  return from.kind === "ndjson" ? (ws.files.stat(from.path)?.bytes ?? 0) : (from.estimateBytes ?? 0);
}

function expectRows(request: PartRequest, rows: number): number {
  if (request.expectRows === undefined || request.expectRows === rows) return rows;
  throw new GrowthosError({
    code: "ROWS_MISSING",
    what: `${request.source}.${request.stream} promised ${request.expectRows} rows and gave ${rows}`,
    state: "nothing was committed",
    hint: "run the command again; if it stays so, the export is incomplete",
    exit: "source",
  });
}

async function verifyRows(db: Database, request: PartRequest, path: string, rows: number): Promise<Part["keys"]> {
  const file = readParquet([path]);
  const days = request.days;
  const outside =
    request.supersession !== "window" || days === null
      ? "_slice is null"
      : `_slice is null or _slice not between '${days.from}' and '${days.to}'`;
  const found = await db.one(
    `select count(*) as rows, min(_key) as low, max(_key) as high, count(*) filter (where ${outside}) as outside,
      count(*) filter (where _key is null or _hash is null or payload is null) as incomplete from ${file}`,
  );
  const columns = await db.all(`select column_name, column_type from (describe select * from ${file})`);
  const types = Object.fromEntries(columns.map((column) => [column["column_name"], column["column_type"]]));
  if (found["rows"] !== rows || JSON.stringify(types) !== JSON.stringify(LANDED_COLUMNS)) {
    throw partError("PART_UNVERIFIED", request, `${rows} rows were written, ${found["rows"]} were read back`, "io");
  }
  if (found["incomplete"] !== 0)
    throw partError("PART_ROWS", request, `${found["incomplete"]} rows have no key, hash or payload`, "badData");
  if (found["outside"] !== 0)
    throw partError(
      "PART_ROWS",
      request,
      `${found["outside"]} rows lie outside the days that were asked for`,
      "badData",
    );
  return found["low"] === null ? null : { min: String(found["low"]), max: String(found["high"]) };
}

function land(ws: Workspace, request: PartRequest, folder: string): string {
  const { files } = ws;
  const parent = ws.at("landing", request.source, request.stream);
  files.makeFolder(parent);
  const target = ws.at("landing", request.source, request.stream, request.loadId);
  if (files.stat(target) !== undefined) throw partError("PART_EXISTS", request, `${target} is there already`, "bug");
  files.rename(folder, target);
  files.sync(parent);
  files.sync(dirname(parent));
  files.sync(dirname(dirname(parent)));
  return ws.at("landing", request.source, request.stream, request.loadId, "part-0000.parquet");
}

function requireNames(request: PartRequest): void {
  const plain = isPlainName(request.source) && isPlainName(request.stream) && /^[0-9a-z-]{1,64}$/.test(request.loadId);
  if (!plain) throw partError("BAD_PATH", request, "source, stream and load must be plain names", "bug");
  if (request.supersession === "window" && request.days === null)
    throw partError("PART_DAYS", request, "a window part needs its days", "bug");
}

function partError(code: string, request: PartRequest, why: string, exit: "io" | "badData" | "bug"): GrowthosError {
  return new GrowthosError({
    code,
    what: `the rows of ${request.source}.${request.stream} could not be landed`,
    why,
    state: "nothing was committed",
    hint: exit === "io" ? "check the disk, then run the command again" : undefined,
    exit,
  });
}
