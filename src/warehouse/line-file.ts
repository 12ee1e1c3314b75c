import { GrowthosError } from "../base/errors.js";
import { quoteText, type Random } from "../base/ids.js";
import { hmacSql, personalSql } from "./hmac.js";
import { sqlPath } from "./read-parquet.js";
import type { Database, Part, Workspace } from "./types.js";
import { MAX_OBJECT_BYTES, newLoadId, type PartRequest, writePart } from "./write-part.js";

/**
 * A file of JSON lines in which an object and the members of its lists stand on lines of their own, as Shopify's bulk exports do.
 * Lines without `parentMember` are roots; the others are put under `{ nodes: [...] }` of the root that they name, by `__typename`.
 */
export interface LineFile {
  readonly path: string;
  readonly keyMember: string;
  readonly parentMember: string;
  readonly children: Readonly<Record<string, string>>;
  /** An inline list of roots about which `rootsWith` will be asked. */
  readonly again?: { readonly member: string } | undefined;
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
  readonly random: Random;
}

/** Lists of children are put together in memory, and DuckDB does not spill such lists: so many bytes of lines at a time. */
const BUCKET_BYTES = 64 * 1024 * 1024;
/** Bytes that all threads together hold back before they write them to buckets, and what a line has of them, roughly. */
const HELD_BYTES = 128 * 1024 * 1024;
const LINE_BYTES = 1024;
/** Rows of a bucket that a thread holds back, at least and at most: few make small row groups, many fill the memory. */
const HELD_ROWS = { least: 256, most: 16_384 } as const;
/** A bucket has few records, and a row group is compressed by one thread: of small ones there is one for each. */
const ROW_GROUP_ROWS = 4096;

/** Keys of the roots whose inline list `again.member` is not empty, sorted; a large file is put into buckets for it, which `landLineFile` takes. */
export async function rootsWith(ws: Workspace, db: Database, file: LineFile): Promise<readonly string[]> {
  const rows = await reading(async () => {
    const lines = (await bucketsOf(ws, db, file)).join(" union all ");
    return db.all(`select key from (${lines}) where parent is null and has_more order by key`);
  });
  return rows.map((row) => String(row["key"]));
}

/**
 * Turns the lines into records and writes them as parts, one per bucket of keys, so that memory stays bounded whatever the size.
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
  const buckets = await bucketsOf(ws, db, file);
  const bytes = bytesOf(ws, file) / buckets.length;
  const parts: Part[] = [];
  for (const lines of buckets) {
    parts.push(await bucketPart(ws, db, { landing, file, lines, bytes, isOneOfSeveral: buckets.length > 1 }));
  }
  ws.files.remove(folderOf(file));
  requireRoots(
    landing,
    parts.reduce((roots, { rows }) => roots + rows, 0),
  );
  return parts;
}

function bytesOf(ws: Workspace, { path }: LineFile): number {
  return ws.files.stat(path)?.bytes ?? 0;
}

function folderOf({ path }: LineFile): string {
  return `${path}.buckets`;
}

/** Queries with the columns of `linesSql`, each for some of the roots and all of their children. Their files are made unless they are there. */
async function bucketsOf(ws: Workspace, db: Database, file: LineFile): Promise<readonly string[]> {
  const count = Math.ceil(bytesOf(ws, file) / BUCKET_BYTES);
  if (count <= 1) return [linesSql(file)];
  const folder = folderOf(file);
  if (ws.files.stat(folder) === undefined) {
    await db.run(`set partitioned_write_flush_threshold = ${await heldRows(db, count)}`);
    // Hardly a line comes twice: looking for such costs more than it saves.
    const copy = `copy (select *, (hash(coalesce(parent, key)) % ${count})::integer as bucket from (${linesSql(file)})) to ${quoteText(folder)}
      (format parquet, compression snappy, dictionary_size_limit 1, row_group_size ${HELD_ROWS.most}, partition_by (bucket))`;
    await ws.files.external("bucket", folder, () => db.run(copy));
  }
  return ws.files.list(folder).map((bucket) => {
    const paths = ws.files.list(`${folder}/${bucket}`).map((name) => sqlPath(`${folder}/${bucket}/${name}`));
    return `select * from read_parquet([${paths.join(", ")}], hive_partitioning = false)`;
  });
}

/** Every thread holds rows of every bucket back, so with many of either there must be fewer. */
async function heldRows(db: Database, buckets: number): Promise<number> {
  const { threads } = await db.one("select current_setting('threads') as threads");
  const fair = Math.floor(HELD_BYTES / LINE_BYTES / buckets / Number(threads));
  return Math.max(HELD_ROWS.least, Math.min(HELD_ROWS.most, fair));
}

function linesOf({ path }: LineFile): string {
  return `read_ndjson_objects([${sqlPath(path)}], format = 'newline_delimited', compression = 'uncompressed', maximum_object_size = ${MAX_OBJECT_BYTES})`;
}

/** The columns key, parent, type, line, has_more, and `pii_0` … with the personal data of a root: one call reads all of them out of a line. */
function linesSql(file: LineFile): string {
  const { keyMember, parentMember, again, personal } = file;
  const members = [keyMember, parentMember, "__typename", `${again?.member ?? keyMember}[0]`, ...personal];
  const paths = members.map((name) => quoteText(`$.${name}`));
  const columns = personal.map((_, index) => `, m[${index + 5}] as pii_${index}`).join("");
  return `select m[1] as key, m[2] as parent, m[3] as type, json::varchar as line, m[4] is not null as has_more${columns}
    from (select json, json_extract_string(json, [${paths.join(", ")}]) as m from ${linesOf(file)})`;
}

interface Bucket {
  readonly landing: LineLanding;
  readonly file: LineFile;
  /** A query with the columns of `linesSql`. */
  readonly lines: string;
  readonly bytes: number;
  readonly isOneOfSeveral: boolean;
}

function bucketPart(ws: Workspace, db: Database, bucket: Bucket): Promise<Part> {
  const { landing, bytes } = bucket;
  const { source, stream, supersession, days, origin } = landing;
  return writePart(ws, db, {
    source,
    stream,
    loadId: newLoadId(ws, landing.random),
    supersession,
    days,
    origin,
    from: { kind: "select", sql: recordsSql(bucket), estimateBytes: bytes, rowGroupRows: ROW_GROUP_ROWS },
    ...(bucket.isOneOfSeveral ? {} : { expectRows: landing.expectRoots }),
  });
}

/** One row per key, in order, so that the same lines make the same bytes: the root's line and its children in one aggregate. Children without a root leave a row without payload, which `writePart` refuses. */
function recordsSql({ landing, file, lines }: Bucket): string {
  const members = Object.entries(file.children);
  const lists = members.map(
    ([type], index) =>
      `list({length: length(key), key: key, line: line}) filter (where parent is not null and type = ${quoteText(type)}) as list_${index}`,
  );
  const added = members.map(
    ([, member], index) =>
      `${quoteText(`"${member}":{"nodes":[`)} || coalesce(${inOrder(`list_${index}`)}, '') || ']},' || `,
  );
  const personal = file.personal.map((_, index) => `pii_${index}`);
  // Of a root there is one line; of one that comes twice any, because the count of roots then tells.
  const ofRoot = ["line", ...personal].map(
    (column) => `any_value(${column}) filter (where parent is null) as ${column === "line" ? "root" : column}`,
  );
  const names = members.map((_, index) => `, list_${index}`).join("");
  // A root is an object with at least its key, so that a comma belongs before it. To add at its end, every character would be counted.
  const payload = `'{' || ${added.join("")}substr(root, 2)`;
  return `select key as _key, '' as _slice, ${quoteText(landing.runId)} as _run_id, ${quoteText(landing.fetchedAt)} as _fetched_at,
    ${quoteText(landing.apiVersion)} as _api_version, sha1(payload) as _hash, payload
    from (select key, ${payload} as payload from (select key, ${concealed(file, landing)} as root${names}
      from (select coalesce(parent, key) as key, ${[...ofRoot, ...lists].join(", ")}
        from (${lines}) as lines group by all) as grouped) as concealed) as records order by key`;
}

/** Children as one text. `string_agg` with an order of its own sorts each list apart, which takes twice as long. */
function inOrder(list: string): string {
  return `array_to_string(list_transform(list_sort(${list}), lambda child: child.line), ',')`;
}

/** The root's line with its personal data replaced: in the text where its token stands, else by rebuilding the object. */
function concealed({ personal }: LineFile, { conceal }: LineLanding): string {
  return personal.reduce(
    (line, path, index) => concealedAt(line, path, { text: `pii_${index}`, hash: conceal === "hash" }),
    "root",
  );
}

function concealedAt(
  line: string,
  path: string,
  { text, hash }: { readonly text: string; readonly hash: boolean },
): string {
  const member = quoteText(`"${path.split(".").at(-1)}":`);
  const token = `${member} || to_json(${text})::varchar`;
  const safe = hash ? `to_json(${hmacSql(personalSql(text))})::varchar` : "'null'";
  const replaced = `replace(${line}, ${token}, ${member} || ${safe})`;
  return `case when coalesce(${text}, '') = '' then ${line} when contains(${line}, ${token}) then ${replaced} else ${rebuilt(line, path, safe)} end`;
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
