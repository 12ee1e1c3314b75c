import { GrowthosError } from "../base/errors.js";
import { quoteText, type Random } from "../base/ids.js";
import { hmacSql, personalSql } from "./hmac.js";
import { absolutePath } from "./layout.js";
import { readParquet, sqlPath } from "./read-parquet.js";
import type { Database, Part, Workspace } from "./types.js";
import { MAX_OBJECT_BYTES, newLoadId, type PartRequest, writePart } from "./write-part.js";

/**
 * JSON lines in which an object and the members of its lists stand on lines of their own, as in Shopify's bulk exports. Lines without
 * `parentMember` are roots; the others are put under `{ nodes: [...] }` of the root that they name, by `__typename`. Where that was done
 * while the lines came (`sync/line-fold.ts`), a root begins with its lists.
 */
export interface LineFile {
  /** A folder with the pieces of the file: their names sort as the lines came. */
  readonly path: string;
  /** No line is left that names a parent. */
  readonly isFolded: boolean;
  readonly keyMember: string;
  readonly parentMember: string;
  readonly children: Readonly<Record<string, string>>;
  /** Dotted paths of what is to be concealed in a root. */
  readonly personal: readonly string[];
}

/** What is written beside the lines. */
export interface LineLanding {
  readonly source: string;
  readonly stream: string;
  readonly supersession: PartRequest["supersession"];
  readonly days: PartRequest["days"];
  readonly origin: PartRequest["origin"];
  readonly runId: string;
  readonly fetchedAt: string;
  readonly apiVersion: string;
  /** What becomes of the personal data; `hash` needs `setHmacKey`. */
  readonly conceal: "hash" | "drop";
  /** What was promised; another number is `ROWS_MISSING`. */
  readonly expectRoots: number;
  /** Bytes of lines that are put together at a time, default 64 MiB: in memory, because DuckDB does not spill such texts. */
  readonly batchBytes?: number;
  readonly random: Random;
}

const BATCH_BYTES = 64 * 1024 * 1024;
/** Bytes that all threads together hold back before they write them to buckets, and what a line has of them, roughly. */
const HELD_BYTES = 128 * 1024 * 1024;
const LINE_BYTES = 1024;
/** Rows of a bucket that a thread holds back, at least and at most: few make small row groups, many fill the memory. */
const HELD_ROWS = { least: 256, most: 16_384 } as const;
/** A batch has few records, and a row group is compressed by one thread: of small ones there is one for each. */
const ROW_GROUP_ROWS = 4096;

/**
 * Turns the lines into records and writes them as parts, some pieces at a time, so that memory stays bounded whatever the size.
 * Nothing is committed. Errors: those of `writePart`; `ROWS_MISSING` when the roots are not as many as were promised; `BAD_JSON` (exit
 * badData) for a line that DuckDB does not take for JSON.
 */
export function landLineFile(
  ws: Workspace,
  db: Database,
  file: LineFile,
  landing: LineLanding,
): Promise<readonly Part[]> {
  return reading(() => landLines(ws, db, file, landing));
}

/** What a vendor sent is no bug of ours: half a surrogate pair, for instance, passes every check before DuckDB's. */
async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    const why = /Malformed JSON in file "[^"]*", (.*)/s.exec(
      thrown instanceof GrowthosError ? (thrown.parts.why ?? "") : "",
    );
    if (why === null) throw thrown;
    throw new GrowthosError({
      code: "BAD_JSON",
      what: "a line of the export is not JSON",
      why: why[1] ?? "",
      state: "nothing of this slice was committed",
      hint: "correct the record at the vendor (DuckDB names the line and what is wrong with it), then run the command again",
      exit: "badData",
      cause: thrown,
    });
  }
}

async function landLines(ws: Workspace, db: Database, file: LineFile, landing: LineLanding): Promise<readonly Part[]> {
  const batches = await batchesOf(ws, db, { file, batchBytes: landing.batchBytes ?? BATCH_BYTES });
  const parts = await partsOf(ws, db, { landing, file, batches });
  ws.files.remove(file.path);
  ws.files.remove(bucketsFolder(file));
  requireRoots(landing, await rootsIn(ws, db, parts));
  return parts;
}

/** How many roots landed; one that came twice, in two parts, counts once. */
async function rootsIn(ws: Workspace, db: Database, parts: readonly Part[]): Promise<number> {
  const paths = parts.map(({ path }) => absolutePath(ws, path));
  const { roots } = await db.one(`select count(distinct _key) as roots from ${readParquet(paths)}`);
  return Number(roots);
}

/** Lines that are put together at a time: a query with the columns of `linesSql`, and their bytes. */
interface Batch {
  readonly lines: string;
  readonly bytes: number;
  /** What is not needed when it has landed: gone early, the disk never gets to write it. */
  readonly paths: readonly string[];
}

/** What becomes of the lines. */
interface Landing {
  readonly landing: LineLanding;
  readonly file: LineFile;
  readonly batches: readonly Batch[];
}

async function partsOf(ws: Workspace, db: Database, { landing, file, batches }: Landing): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const { lines, bytes, paths } of batches) {
    const { source, stream, supersession, days, origin } = landing;
    const sql = recordsSql({ landing, file, lines });
    parts.push(
      await writePart(ws, db, {
        source,
        stream,
        loadId: newLoadId(ws, landing.random),
        supersession,
        days,
        origin,
        from: { kind: "select", sql, estimateBytes: bytes, rowGroupRows: ROW_GROUP_ROWS, plain: true },
        ...(batches.length > 1 ? {} : { expectRows: landing.expectRoots }),
      }),
    );
    for (const path of paths) ws.files.remove(path);
  }
  return parts;
}

interface Piece {
  readonly path: string;
  readonly bytes: number;
}

function piecesOf(ws: Workspace, { path }: LineFile): readonly Piece[] {
  return ws.files.list(path).map((name) => {
    const piece = `${path}/${name}`;
    return { path: piece, bytes: ws.files.stat(piece)?.bytes ?? 0 };
  });
}

function bytesOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Neighbours, as many as fit; when children may be far from their roots, buckets in which they are together. */
async function batchesOf(
  ws: Workspace,
  db: Database,
  { file, batchBytes }: { readonly file: LineFile; readonly batchBytes: number },
): Promise<readonly Batch[]> {
  const batches: Piece[][] = [];
  const pieces = piecesOf(ws, file);
  for (const piece of pieces) {
    const last = batches.at(-1);
    if (last === undefined || bytesOf([...last, piece]) > batchBytes) batches.push([piece]);
    else last.push(piece);
  }
  if (batches.length > 1 && !file.isFolded) return bucketsOf(ws, db, { file, pieces, batchBytes });
  return batches.map((batch) => ({
    lines: linesSql(file, batch),
    bytes: bytesOf(batch),
    paths: batch.map(({ path }) => path),
  }));
}

function bucketsFolder({ path }: LineFile): string {
  return `${path}.buckets`;
}

/** Each has some of the roots and all of their children, wherever those stand in the file. */
async function bucketsOf(
  ws: Workspace,
  db: Database,
  {
    file,
    pieces,
    batchBytes,
  }: { readonly file: LineFile; readonly pieces: readonly Piece[]; readonly batchBytes: number },
): Promise<readonly Batch[]> {
  const count = Math.ceil(bytesOf(pieces) / batchBytes);
  const folder = bucketsFolder(file);
  await db.run(`set partitioned_write_flush_threshold = ${await heldRows(db, count)}`);
  // Hardly a line comes twice: looking for such costs more than it saves.
  const copy = `copy (select *, (hash(coalesce(parent, key)) % ${count})::integer as bucket from (${linesSql(file, pieces)})) to ${quoteText(folder)}
    (format parquet, compression snappy, dictionary_size_limit 1, row_group_size ${HELD_ROWS.most}, partition_by (bucket))`;
  await ws.files.external("bucket", folder, () => db.run(copy));
  ws.files.remove(file.path);
  return ws.files.list(folder).map((bucket) => {
    const paths = ws.files.list(`${folder}/${bucket}`).map((name) => sqlPath(`${folder}/${bucket}/${name}`));
    const lines = `select * from read_parquet([${paths.join(", ")}], hive_partitioning = false)`;
    return { lines, bytes: bytesOf(pieces) / count, paths: [`${folder}/${bucket}`] };
  });
}

/** Every thread holds rows of every bucket back, so with many of either there must be fewer. */
async function heldRows(db: Database, buckets: number): Promise<number> {
  const { threads } = await db.one("select current_setting('threads') as threads");
  const fair = Math.floor(HELD_BYTES / LINE_BYTES / buckets / Number(threads));
  return Math.max(HELD_ROWS.least, Math.min(HELD_ROWS.most, fair));
}

function linesOf(pieces: readonly Piece[]): string {
  const paths = pieces.map(({ path }) => sqlPath(path));
  return `read_ndjson_objects([${paths.join(", ")}], format = 'newline_delimited', compression = 'uncompressed', maximum_object_size = ${MAX_OBJECT_BYTES})`;
}

/** The columns key, parent, type, line, and `pii_0` … with the personal data of a root: one call reads all of them out of a line. */
function linesSql({ keyMember, parentMember, personal }: LineFile, pieces: readonly Piece[]): string {
  const paths = [keyMember, parentMember, "__typename", ...personal].map((name) => quoteText(`$.${name}`));
  const columns = personal.map((_, index) => `, m[${index + 4}] as pii_${index}`).join("");
  return `select m[1] as key, m[2] as parent, m[3] as type, json::varchar as line${columns}
    from (select json, json_extract_string(json, [${paths.join(", ")}]) as m from ${linesOf(pieces)})`;
}

/** One row per key, in the order of the lines or, grouped, of the keys: the same lines make the same bytes, by which builds know their inputs. */
function recordsSql({ landing, file, lines }: Omit<Landing, "batches"> & { readonly lines: string }): string {
  const { isFolded } = file;
  const objects = isFolded ? `select *, line as root from (${lines})` : groupedSql(file, lines);
  return `select key as _key, '' as _slice, ${quoteText(landing.runId)} as _run_id, ${quoteText(landing.fetchedAt)} as _fetched_at,
    ${quoteText(landing.apiVersion)} as _api_version, hash(payload) as _hash, payload
    from (select key, ${payloadSql(file)} as payload from (${concealed(file, landing, objects)})) as records${isFolded ? "" : " order by key"}`;
}

/** The root's line and its children in one aggregate. Children without a root leave a row without payload, which `writePart` refuses. */
function groupedSql(file: LineFile, lines: string): string {
  const lists = Object.keys(file.children).map(
    (type, index) =>
      `string_agg(line, ',') filter (where parent is not null and type = ${quoteText(type)}) as list_${index}`,
  );
  // Of a root there is one line; of one that comes twice any, because the count of roots then tells.
  const ofRoot = ["line", ...personalColumns(file)].map(
    (column) => `any_value(${column}) filter (where parent is null) as ${column === "line" ? "root" : column}`,
  );
  return `select coalesce(parent, key) as key, ${[...ofRoot, ...lists].join(", ")} from (${lines}) as lines group by all`;
}

function personalColumns({ personal }: LineFile): readonly string[] {
  return personal.map((_, index) => `pii_${index}`);
}

/** Every root gets every list, in front: to add at its end, every character would be counted. */
function payloadSql(file: LineFile): string {
  const members = Object.values(file.children);
  if (members.length === 0) return "root";
  const lists = (has: (index: number) => string) =>
    members
      .map((member, index) => `${quoteText(`"${member}":{"nodes":[`)} || ${has(index)} || ']}'`)
      .join(" || ',' || ");
  const hasLists = `starts_with(root, ${quoteText(`{"${members[0]}":{"nodes":[`)})`;
  // A root is an object with at least its key, so that a comma belongs before it.
  const withLists = (has: (index: number) => string) => `'{' || ${lists(has)} || ',' || substr(root, 2)`;
  if (file.isFolded) return `case when ${hasLists} then root else ${withLists(() => "''")} end`;
  const strays = members.map((_, index) => `list_${index}`).join(", ");
  const both = `json_merge_patch(root, ('{' || ${lists((index) => bothSql(members[index] ?? "", index))} || '}')::json)::varchar`;
  return `case when root is null then null
    when not ${hasLists} then ${withLists((index) => `coalesce(list_${index}, '')`)}
    when coalesce(${strays}) is null then root
    else ${both} end`;
}

/** What a folded root has in a list, and what stood elsewhere. */
function bothSql(member: string, index: number): string {
  const nodes = `json_extract(root, ${quoteText(`$.${member}.nodes`)})::varchar`;
  return `concat_ws(',', nullif(substr(${nodes}, 2, length(${nodes}) - 2), ''), list_${index})`;
}

/** The rows with the personal data of `root` replaced: in the text where its token stands, else by rebuilding the object. */
function concealed({ personal }: LineFile, { conceal }: LineLanding, rows: string): string {
  return personal.reduce(
    (from, path, index) => concealedAt(from, path, { text: `pii_${index}`, hash: conceal === "hash" }),
    rows,
  );
}

/**
 * Cut at the member's name, which is the same for all rows, a line is put together again in a fraction of the time that `replace` with
 * the token of each takes: that is for lines in which the name stands more than once. The old text is taken off by a pattern, because
 * `substr` counts every character, and all is joined at once, because each `||` copies the line. In columns, because the branches of a
 * case share nothing.
 */
function concealedAt(
  rows: string,
  path: string,
  { text, hash }: { readonly text: string; readonly hash: boolean },
): string {
  const name = `"${path.split(".").at(-1)}":`;
  const safe = hash ? `to_json(${hmacSql(personalSql(text))})::varchar` : "'null'";
  const instead = `${quoteText(name)} || safe`;
  const token = `${quoteText(name)} || token`;
  return `select * exclude (halves, token, safe) replace (case when coalesce(${text}, '') = '' then root
      when len(halves) = 2 and starts_with(halves[2], token[2:]) and not contains(token, '\\')
        then concat(halves[1], ${instead}, regexp_replace(halves[2], '^[^"]*"', ''))
      when contains(root, ${token}) then replace(root, ${token}, ${instead})
      else ${rebuilt("root", path, "safe")} end as root)
    from (select *, string_split(root, ${quoteText(`${name}"`)}) as halves, to_json(${text})::varchar as token, ${safe} as safe
      from (${rows}))`;
}

function rebuilt(line: string, path: string, safe: string): string {
  const patch = path.split(".").reduceRight((inner, name) => `${quoteText(`{"${name}":`)} || ${inner} || '}'`, safe);
  return `json_merge_patch(${line}, (${patch})::json)::varchar`;
}

function requireRoots({ source, stream, expectRoots }: LineLanding, roots: number): void {
  if (roots === expectRoots) return;
  throw new GrowthosError({
    code: "ROWS_MISSING",
    what: `${source}.${stream} promised ${expectRoots} objects and gave ${roots}`,
    state: "nothing was committed",
    hint: "run the command again; if it stays so, the export is incomplete",
    exit: "source",
  });
}
