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
  /** Dotted paths of personal data in a root, and what to do with it; `hash` needs `setHmacKey`. */
  readonly pii: { readonly paths: readonly string[]; readonly policy: "hash" | "keep" | "drop" };
  /** What was promised; another number is `ROWS_MISSING`. */
  readonly expectRoots: number;
  readonly random: Random;
}

/** Lists of children are put together in memory, and DuckDB does not spill such lists: so many bytes of lines at a time. */
const BUCKET_BYTES = 64 * 1024 * 1024;
/** Rows that a thread holds back per bucket before it writes them. */
const BUCKET_ROWS = 16_384;

/** Keys of the roots whose inline list `member` is not empty, sorted. */
export async function rootsWith(db: Database, file: LineFile, member: string): Promise<readonly string[]> {
  const [key, parent, list] = [file.keyMember, file.parentMember, member].map((name) => quoteText(`$.${name}`));
  const rows = await db.all(
    `select json_extract_string(json, ${key}) as key from ${linesOf(file)}
      where json_extract(json, ${parent}) is null and json_array_length(json, ${list}) > 0 order by key`,
  );
  return rows.map((row) => String(row["key"]));
}

/**
 * Turns the lines into records and writes them as parts, one per bucket of keys, so that memory stays bounded whatever the size.
 * Nothing is committed. Errors: those of `writePart`; `ROWS_MISSING` when the roots are not as many as were promised.
 */
export async function landLineFile(
  ws: Workspace,
  db: Database,
  file: LineFile,
  landing: LineLanding,
): Promise<readonly Part[]> {
  const bytes = ws.files.stat(file.path)?.bytes ?? 0;
  const buckets = Math.max(1, Math.ceil(bytes / BUCKET_BYTES));
  if (buckets === 1) return [await bucketPart(ws, db, { landing, file, lines: linesSql(file), bytes })];
  const folder = `${file.path}.buckets`;
  await db.run(`set partitioned_write_flush_threshold = ${BUCKET_ROWS}`);
  const copy = `copy (select *, (hash(coalesce(parent, key)) % ${buckets})::integer as bucket from (${linesSql(file)}))
    to ${quoteText(folder)} (format parquet, compression lz4, row_group_size ${BUCKET_ROWS}, partition_by (bucket))`;
  await ws.files.external("bucket", folder, () => db.run(copy));
  const parts: Part[] = [];
  let roots = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const paths = ws.files
      .list(`${folder}/bucket=${bucket}`)
      .map((name) => sqlPath(`${folder}/bucket=${bucket}/${name}`));
    if (paths.length === 0) continue;
    const lines = `select key, parent, type, line from read_parquet([${paths.join(", ")}], hive_partitioning = false)`;
    const part = await bucketPart(ws, db, { landing, file, lines, bytes: bytes / buckets, isOneOfSeveral: true });
    roots += part.rows;
    parts.push(part);
  }
  ws.files.remove(folder);
  requireRoots(landing, roots);
  return parts;
}

function linesOf({ path }: LineFile): string {
  return `read_ndjson_objects([${sqlPath(path)}], format = 'newline_delimited', compression = 'uncompressed', maximum_object_size = ${MAX_OBJECT_BYTES})`;
}

function linesSql(file: LineFile): string {
  const members = [file.keyMember, file.parentMember, "__typename"].map((name) => quoteText(`$.${name}`));
  return `select m[1] as key, m[2] as parent, m[3] as type, json::varchar as line
    from (select json, json_extract_string(json, [${members.join(", ")}]) as m from ${linesOf(file)})`;
}

interface Bucket {
  readonly landing: LineLanding;
  readonly file: LineFile;
  /** A query with the columns key, parent, type, line. */
  readonly lines: string;
  readonly bytes: number;
  readonly isOneOfSeveral?: true;
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
    from: { kind: "select", sql: recordsSql(bucket), estimateBytes: bytes },
    ...(bucket.isOneOfSeveral === true ? {} : { expectRows: landing.expectRoots }),
  });
}

/** One row per key, in order, so that the same lines make the same bytes: the root's line and its children in one aggregate. Children without a root leave a row without payload, which `writePart` refuses. */
function recordsSql({ landing, file, lines }: Bucket): string {
  const members = Object.entries(file.children);
  const lists = members.map(
    ([type], index) =>
      `string_agg(line, ',' order by length(key), key) filter (where parent is not null and type = ${quoteText(type)}) as list_${index}`,
  );
  const added = members.map(
    ([, member], index) => ` || ${quoteText(`,"${member}":{"nodes":[`)} || coalesce(list_${index}, '') || ']}'`,
  );
  const names = members.map((_, index) => `, list_${index}`).join("");
  // A root is an object with at least its key, so that what is added before its last brace needs a comma.
  const payload = `left(root, length(root) - 1)${added.join("")} || '}'`;
  return `select key as _key, '' as _slice, ${quoteText(landing.runId)} as _run_id, ${quoteText(landing.fetchedAt)} as _fetched_at,
    ${quoteText(landing.apiVersion)} as _api_version, sha256(payload) as _hash, payload
    from (select key, ${payload} as payload from (select key, ${concealed(landing)} as root${names}
      from (select coalesce(parent, key) as key, max(line) filter (where parent is null) as root${["", ...lists].join(", ")}
        from (${lines}) as lines group by all) as grouped) as concealed) as records order by key`;
}

/** The root's line with its personal data replaced: in the text where its token stands there once, else by rebuilding the object. */
function concealed({ pii }: LineLanding): string {
  if (pii.policy === "keep") return "root";
  return pii.paths.reduce((line, path) => concealedAt(line, path, pii.policy === "hash"), "root");
}

function concealedAt(line: string, path: string, hash: boolean): string {
  const at = quoteText(`$.${path}`);
  const member = quoteText(`"${path.split(".").at(-1)}":`);
  const text = `json_extract_string(${line}, ${at})`;
  const token = `json_extract(${line}, ${at})::varchar`;
  const safe = hash ? `to_json(${hmacSql(personalSql(text))})::varchar` : "'null'";
  const replaced = `replace(${line}, ${member} || ${token}, ${member} || ${safe})`;
  const isThere = `coalesce(${text}, '') <> ''`;
  return `case when ${isThere} then case when strpos(${line}, ${member} || ${token}) > 0 then ${replaced} else ${rebuilt(line, path, safe)} end else ${line} end`;
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
