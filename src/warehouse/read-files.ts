// How one file becomes rows of one table, `file_rows(_row, c0, c1 …)`, all text. DuckDB reads; nothing is inferred; nothing is skipped
// without being counted: every physical line is either in a row, in a rejected record, or blank.

import { GrowthosError, messageOf } from "../base/errors.js";
import { quoteText } from "../base/ids.js";
import type { FilePlan } from "./file-plan.js";
import { sqlPath } from "./read-parquet.js";
import type { Database } from "./types.js";

/** A record of at most this many bytes; more is taken for an unclosed quote. */
const MAX_RECORD_BYTES = 8 * 1024 * 1024;

/** Reads a file into the temp tables `file_rows` and `file_rejects(line, reason)`; gives the number of rows. */
export async function loadRows(db: Database, plan: FilePlan): Promise<number> {
  await db.run("create or replace temp table file_rejects (line bigint, value varchar, reason varchar)");
  if (plan.format === "parquet") await loadParquet(db, plan);
  else if (plan.format === "jsonl") await loadJsonLines(db, plan);
  else await loadCsv(db, plan);
  return Number((await db.one("select count(*) as rows from file_rows"))["rows"]);
}

/** The name of a column of `file_rows`. */
export function cellName(index: number): string {
  return `c${index}`;
}

async function loadParquet(db: Database, plan: FilePlan): Promise<void> {
  const source = `read_parquet([${sqlPath(plan.path)}], hive_partitioning=false, file_row_number=true)`;
  const columns = await db.all(`describe select * exclude (file_row_number) from ${source}`);
  const types = new Map(columns.map((column) => [String(column["column_name"]), String(column["column_type"])]));
  const cells = plan.header.map((name, index) => {
    const quoted = `"${name.replaceAll('"', '""')}"`;
    const type = types.get(name) ?? "VARCHAR";
    // A double prints as 1e+16 or 0.1: as a decimal it prints as people write it.
    const exact = /^(DOUBLE|FLOAT)$/.test(type) ? `cast(${quoted} as decimal(28, 9))` : quoted;
    return `${exact}::varchar as ${cellName(index)}`;
  });
  await db.run(
    `create or replace temp table file_rows as select file_row_number + 1 as _row, ${cells.join(", ")} from ${source}`,
  );
}

/** The columns of a Parquet file, for its head. Throws `FILE_DAMAGED`. */
export async function parquetHeader(db: Database, path: string, name: string): Promise<readonly string[]> {
  try {
    const source = `read_parquet([${sqlPath(path)}], hive_partitioning=false)`;
    const columns = await db.all(`describe select * from ${source}`);
    return columns.map((column) => String(column["column_name"]));
  } catch (cause) {
    throw damagedFile(name, messageOf(cause), cause);
  }
}

async function loadJsonLines(db: Database, plan: FilePlan): Promise<void> {
  // Lines as text first: a line that is no JSON is a bad row with a number, not the end of the file.
  await loadLines(db, plan);
  await db.run(
    `insert into file_rejects select line, null, 'not a JSON object' from file_lines
      where trim(text) <> '' and not (json_valid(text) and coalesce(try(json_type(text)), '') = 'OBJECT')`,
  );
  const paths = plan.header.map((path) => quoteText(`$.${path.split(".").map(jsonMember).join(".")}`));
  const cells = plan.header.map((_, index) => `cells[${index + 1}] as ${cellName(index)}`);
  await db.run(
    `create or replace temp table file_rows as select line as _row, ${cells.join(", ")} from (
      select line, json_extract_string(text, [${paths.join(", ")}]) as cells from file_lines
      where trim(text) <> '' and line not in (select line from file_rejects) order by line)`,
  );
}

const jsonMember = (name: string): string => `"${name.replaceAll('"', '\\"')}"`;

/** Every physical line of the text with its number. */
async function loadLines(db: Database, plan: FilePlan): Promise<void> {
  await reading(plan, () =>
    db.run(
      `create or replace temp table file_lines as select row_number() over () as line, text from ${linesOf(plan)}`,
    ),
  );
}

function linesOf(plan: FilePlan): string {
  return `read_csv([${sqlPath(plan.path)}], columns={'text': 'VARCHAR'}, auto_detect=false, header=false, delim='', quote='', escape='',
    strict_mode=false, compression='none', max_line_size=${MAX_RECORD_BYTES})`;
}

async function loadCsv(db: Database, plan: FilePlan): Promise<void> {
  const columns = plan.header.map((_, index) => `'${cellName(index)}': 'VARCHAR'`);
  await reading(plan, () =>
    db.run(
      `create or replace temp table file_rows as select row_number() over () as _row, * from read_csv([${sqlPath(plan.path)}],
        columns={${columns.join(", ")}}, auto_detect=false, header=false, skip=${plan.skip}, delim=${quoteText(plan.delimiter)},
        quote='"', escape='"', strict_mode=true, compression='none', max_line_size=${MAX_RECORD_BYTES},
        store_rejects=true, rejects_limit=0, rejects_table='file_reject_errors', rejects_scan='file_reject_scans')`,
    ),
  );
  await keepRejects(db, plan);
  await requireWhole(db, plan);
}

/** Records that are no rows: wrong number of columns, stray quotes. Bytes that are not UTF-8 and an unclosed quote end the file. */
async function keepRejects(db: Database, plan: FilePlan): Promise<void> {
  const newest = "scan_id = (select max(scan_id) from file_reject_scans)";
  const rejects = `(select line, any_value(error_type)::varchar as kind, any_value(error_message) as message, any_value(csv_line) as record
    from file_reject_errors where ${newest} group by line)`;
  const fatal = await db.all(
    `select line, kind from ${rejects} where kind = 'INVALID ENCODING' or (kind = 'UNQUOTED VALUE' and trim(record, chr(10) || chr(13)) like '%' || chr(10) || '%') order by line limit 1`,
  );
  const first = fatal[0];
  if (first !== undefined) {
    // DuckDB numbers records: line ends inside the records above are added back.
    const record = Number(first["line"]);
    const above = await db.one(
      `select coalesce(sum(${newlinesSql(plan)}), 0) as ends from file_rows where _row < ${record - plan.skip}`,
    );
    const line = record + Number(above["ends"]);
    throw first["kind"] === "INVALID ENCODING" ? notUtf8(plan, line) : openQuote(plan, line);
  }
  // The record itself may hold personal data, so only its shape is kept.
  await db.run(
    `insert into file_rejects select line, nullif(regexp_extract(message, 'Found: (\\d+)', 1), ''),
      case kind when 'TOO MANY COLUMNS' then 'more than ${plan.header.length} columns' when 'MISSING COLUMNS' then 'fewer than ${plan.header.length} columns'
        when 'UNQUOTED VALUE' then 'a quote inside a quoted value' else lower(kind) end from ${rejects}`,
  );
  const core = "trim(record, chr(10) || chr(13))";
  await db.run(
    `create or replace temp table file_reject_spans as select line, 1 + length(${core}) - length(replace(${core}, chr(10), '')) as lines from ${rejects}`,
  );
}

/**
 * Compares the lines of the file with what was read. DuckDB's strict reader has been seen to give no row and no error when a
 * preamble ends its lines differently from the table, so "no error" proves nothing.
 */
async function requireWhole(db: Database, plan: FilePlan): Promise<void> {
  const lines = await reading(plan, () =>
    db.one(
      `select count(*) as all_lines, count(*) filter (where coalesce(trim(text, ' ' || chr(13)), '') = '') as blank from ${linesOf(plan)}`,
    ),
  );
  const below = Number(lines["all_lines"]) - plan.skip;
  const plain = await db.one(
    "select (select count(*) from file_rows) + (select coalesce(sum(lines), 0) from file_reject_spans) as lines",
  );
  if (Number(plain["lines"]) === below) return;
  const wrapped = await db.one(`select coalesce(sum(${newlinesSql(plan)}), 0) as lines from file_rows`);
  const unread = below - Number(plain["lines"]) - Number(wrapped["lines"]);
  if (unread >= 0 && unread <= Number(lines["blank"])) return;
  throw new GrowthosError({
    code: "FILE_NOT_WHOLE",
    what: `"${plan.name}" could not be read to its end`,
    why: `${below} lines below the header, ${below - unread} of them understood`,
    state: "nothing of this file was landed",
    hint: "save it again as CSV (UTF-8) with one kind of line end",
    exit: "badData",
  });
}

/** Line ends inside the quoted cells of a row. */
export function newlinesSql(plan: FilePlan): string {
  const cells = plan.header.map((_, index) => cellName(index)).join(", ");
  const text = `concat_ws('', ${cells})`;
  return `length(${text}) - length(replace(${text}, chr(10), ''))`;
}

async function reading<T>(plan: FilePlan, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const why = messageOf(cause);
    if (/not utf-8|invalid unicode|byte sequence/i.test(why)) throw notUtf8(plan, undefined, cause);
    if (/maximum line size|invalid state|state machine/i.test(why)) throw lineEnds(plan, cause);
    throw cause instanceof GrowthosError && cause.code !== "SQL_FAILED" ? cause : damagedFile(plan.name, why, cause);
  }
}

/** The error after which a copy with one kind of line end may still be read. */
function lineEnds(plan: FilePlan, cause: unknown): GrowthosError {
  return new GrowthosError({
    code: "FILE_NOT_WHOLE",
    what: `"${plan.name}" could not be read to its end`,
    why: messageOf(cause).split("\n")[0],
    state: "nothing of this file was landed",
    hint: "save it again as CSV (UTF-8) with one kind of line end",
    exit: "badData",
    cause,
  });
}

function notUtf8(plan: FilePlan, line: number | undefined, cause?: unknown): GrowthosError {
  return new GrowthosError({
    code: "FILE_NOT_UTF8",
    what: `"${plan.name}" is not UTF-8 text${line === undefined ? "" : ` (line ${line + plan.lineOffset})`}`,
    state: "nothing of this file was landed",
    hint: 'save it as UTF-8, or declare the import with encoding: "windows-1252"',
    exit: "badData",
    cause,
  });
}

function openQuote(plan: FilePlan, line: number): GrowthosError {
  return new GrowthosError({
    code: "FILE_OPEN_QUOTE",
    what: `"${plan.name}" opens a quote on line ${line + plan.lineOffset} and never closes it`,
    why: "everything after it would be read as one cell",
    state: "nothing of this file was landed",
    hint: "the file is probably cut off or edited by hand: export it again",
    exit: "badData",
  });
}

/** A file whose bytes are not what its format promises. */
export function damagedFile(name: string, why: string, cause?: unknown): GrowthosError {
  return new GrowthosError({
    code: "FILE_DAMAGED",
    what: `"${name}" cannot be read`,
    why: why.split("\n")[0],
    state: "nothing of this file was landed",
    hint: "copy or export the file again",
    exit: "badData",
    cause,
  });
}
