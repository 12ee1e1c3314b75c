// The files of GA4's BigQuery export, read and shaped inside DuckDB. Parquet and JSON become the same columns of JSON, so that the lists
// that some exporters wrap (`{list: [{element: …}]}`) are undone in one place.

import { GrowthosError, messageOf } from "../base/errors.js";
import { quoteName, quoteText } from "../base/ids.js";
import type { FilePii } from "./file-land.js";
import { idWithoutEmailSql, withoutEmailsSql } from "./hmac.js";
import { sqlPath } from "./read-parquet.js";
import type { Database } from "./types.js";
import { MAX_OBJECT_BYTES } from "./write-part.js";

/** One member of a record, and where it is in the export's row. */
export type ExportColumn = { readonly name: string } & (
  | { readonly from: "text" | "integer" | "money" | "json" /** Dotted path. */; readonly path: string }
  | { readonly from: "param" | "property" /** Key in `event_params` or `user_properties`. */; readonly key: string }
);

/** One kind of event: which names it has, its members, and those of them that tell two events apart. */
export interface ExportKind {
  readonly eventNames: readonly string[];
  readonly columns: readonly ExportColumn[];
  readonly keyColumns: readonly string[];
}

/** The files of one table. */
export interface ExportFiles {
  /** For messages, e.g. `events_20260208`. */
  readonly name: string;
  readonly format: "parquet" | "json";
  readonly paths: readonly string[];
}

/** What stands beside the events of a table. */
export interface ExportStamp {
  /** `YYYY-MM-DD`, of the table's name: the property's own day. */
  readonly day: string;
  readonly table: "daily" | "fresh" | "intraday";
  readonly runId: string;
  readonly fetchedAt: string;
  /** `keep` leaves e-mail addresses in texts; otherwise they are taken out, and ids that are one are hashed (`setHmacKey` first). */
  readonly pii: FilePii;
}

/** Members that tell people apart. */
const IDS = /(?:^|_)(?:id|webuserid|webcustomerid)$/;

const EVENTS = "ga4_export_events";
const NEEDED = ["event_name", "event_timestamp"] as const;

/**
 * Reads a table into the temporary table of `db`: its columns `top` as JSON, rows of the events `names` only.
 * Throws `GA4_EXPORT_BROKEN` for a file that cannot be read, `GA4_EXPORT_COLUMNS` for one that is no export of events.
 */
export async function loadExport(
  db: Database,
  files: ExportFiles,
  wanted: { readonly top: readonly string[]; readonly names: readonly string[] },
): Promise<void> {
  const present = await attempt(files, () => columnsOf(db, files));
  const missing = NEEDED.filter((name) => !present.includes(name));
  if (missing.length > 0) throw noExport(files.name, `it has no column ${missing.join(", ")}`);
  const cells = wanted.top.map((name) => {
    const cell = present.includes(name) ? jsonCell(files.format, name) : "cast(null as json)";
    return `${cell} as ${quoteName(name)}`;
  });
  const name = files.format === "parquet" ? "event_name" : `json_extract_string(event_name, '$')`;
  const rows = `select ${cells.join(", ")} from ${reader(files, wanted.top)} where ${name} in (${wanted.names.map(quoteText).join(", ")}) or event_name is null`;
  await attempt(files, () => db.run(`create or replace temp table ${EVENTS} as ${rows}`));
  const bad = await db.one(
    `select count(*) as rows from ${EVENTS} where event_name is null or ${textOf("event_timestamp")} is null`,
  );
  if (Number(bad["rows"]) > 0) throw noExport(files.name, `${bad["rows"]} rows have no event_name or event_timestamp`);
}

/** The loaded events of one kind in the columns of a landed file. */
export function exportEvents(kind: ExportKind, stamp: ExportStamp): string {
  const cells = kind.columns.map((column) => `${cellSql(column)} as ${quoteName(column.name)}`);
  const isKept = stamp.pii === "keep";
  const members = kind.columns.map(({ name, from }) => {
    const isId = !isKept && from !== "json" && IDS.test(name);
    return `${quoteText(name)}, ${isId ? idWithoutEmailSql(quoteName(name)) : quoteName(name)}`;
  });
  const payload = `json_object('table', ${quoteText(stamp.table)}, ${members.join(", ")})::varchar`;
  const keys = kind.keyColumns.map((name) => `coalesce(${quoteName(name)}, chr(30))`).join(", ");
  const order = kind.columns.filter(({ from }) => from === "json").map(({ name }) => `${quoteName(name)}::varchar`);
  return `
    with cells as (
      select ${cells.join(",\n        ")}
      from ${EVENTS}
      where ${textOf("event_name")} in (${kind.eventNames.map(quoteText).join(", ")})
    ),
    records as (
      select
        left(sha256(concat_ws(chr(31), ${keys})), 32) as digest,
        ${order[0] ?? "''"} as place,
        ${isKept ? payload : withoutEmailsSql(payload)} as payload,
      from cells
    )
    select
      digest || '-' || row_number() over (partition by digest order by place, payload) as _key,
      ${quoteText(stamp.day)} as _slice,
      ${quoteText(stamp.runId)} as _run_id,
      ${quoteText(stamp.fetchedAt)}::timestamptz as _fetched_at,
      'export' as _api_version,
      sha256(payload) as _hash,
      payload,
    from records
    order by _key`;
}

async function columnsOf(db: Database, files: ExportFiles): Promise<readonly string[]> {
  const from =
    files.format === "parquet"
      ? reader(files, [])
      : `read_json([${files.paths.map(sqlPath).join(", ")}], format = 'newline_delimited', map_inference_threshold = -1,
           sample_size = 1000, maximum_object_size = ${MAX_OBJECT_BYTES})`;
  return (await db.all(`describe select * from ${from}`)).map((row) => String(row["column_name"]));
}

function reader({ format, paths }: ExportFiles, top: readonly string[]): string {
  const list = `[${paths.map(sqlPath).join(", ")}]`;
  if (format === "parquet") return `read_parquet(${list}, union_by_name = true, hive_partitioning = false)`;
  const columns = top.map((name) => `${quoteText(name)}: 'JSON'`).join(", ");
  return `read_json(${list}, format = 'newline_delimited', columns = {${columns}}, maximum_object_size = ${MAX_OBJECT_BYTES})`;
}

function jsonCell(format: ExportFiles["format"], name: string): string {
  return format === "parquet" ? `to_json(${quoteName(name)})` : quoteName(name);
}

function cellSql(column: ExportColumn): string {
  if ("key" in column) return keyedSql(column.from === "param" ? "event_params" : "user_properties", column.key);
  const [top = "", ...rest] = column.path.split(".");
  if (column.from === "json") {
    const list = elementsOf(top);
    return `case when ${list} is null then null else to_json(${list}) end`;
  }
  const text = textOf(top, rest);
  return column.from === "money" ? numberText(text) : text;
}

/** Exactly one of the four values is set; which one depends on what the page sent. */
function keyedSql(list: string, key: string): string {
  const entry = `list_filter(${elementsOf(list)}, lambda p: json_extract_string(p, '$.key') = ${quoteText(key)})[1]`;
  const value = (name: string) => `json_extract_string(${entry}, '$.value.${name}')`;
  const number = numberText(`coalesce(${value("double_value")}, ${value("float_value")})`);
  return `coalesce(${value("string_value")}, ${value("int_value")}, ${number})`;
}

/** The members of a list, whether it is plain or wrapped as BigQuery's own Parquet has it; null for no list. */
function elementsOf(top: string): string {
  const cell = quoteName(top);
  return `case json_type(${cell}) when 'ARRAY' then json_extract(${cell}, '$[*]')
    when 'OBJECT' then json_extract(${cell}, '$.list[*].element') end`;
}

function textOf(top: string, rest: readonly string[] = []): string {
  return `json_extract_string(${quoteName(top)}, '${["$", ...rest].join(".")}')`;
}

/** As GoogleSQL prints a NUMERIC: at most nine decimals, none that says nothing; null for what is no number. */
function numberText(text: string): string {
  const fixed = `cast(try_cast(try_cast(${text} as double) as decimal(38, 9)) as varchar)`;
  return `regexp_replace(regexp_replace(${fixed}, '0+$', ''), '\\.$', '')`;
}

async function attempt<T>(files: ExportFiles, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    // Only what DuckDB says about these files; a full disk or an interrupt is no fault of theirs.
    if (!/Invalid Input|Parquet|JSON|Binder|Conversion|Malformed|IO Error|Invalid unicode/i.test(messageOf(cause)))
      throw cause;
    throw new GrowthosError({
      code: "GA4_EXPORT_BROKEN",
      what: `${files.name} cannot be read`,
      why: messageOf(cause).split("\n")[0]?.slice(0, 300),
      state: "nothing of this day was landed; the other days are committed",
      hint: "export the table again (Parquet, or JSON with one object per line), whole",
      exit: "badData",
      cause,
    });
  }
}

function noExport(name: string, why: string): GrowthosError {
  return new GrowthosError({
    code: "GA4_EXPORT_COLUMNS",
    what: `${name} is not a table of GA4's export`,
    why,
    state: "nothing of this day was landed; the other days are committed",
    hint: "export the tables events_YYYYMMDD as they are, with all columns",
    exit: "badData",
  });
}
