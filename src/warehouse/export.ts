/** Relations of a build as files for other programs: written by DuckDB, so that no row passes through this one. */
import { GrowthosError } from "../base/errors.js";
import { nearest, quoteName, quoteText } from "../base/ids.js";
import { CURRENCY_EXPONENTS } from "../base/money.js";
import type { Database, Row } from "./types.js";

/** What DuckDB itself writes. `flat`: Parquet without lists and structs, for those who read them in ways of their own. */
export type FileFormat = "csv" | "jsonl" | "parquet" | "copy" | "flat";

/** A mart or seed of a build. */
export interface Relation {
  /** As people type it and files are called: `fact_orders`, `channel_rules`. */
  readonly name: string;
  readonly schema: "main" | "seeds" | "meta";
  readonly columns: readonly Column[];
}

/** One of its columns. */
export interface Column {
  readonly name: string;
  /** As DuckDB writes it: `BIGINT`, `VARCHAR[]`, `DECIMAL(9,6)`. */
  readonly type: string;
  /** Of an amount in minor units: the column that holds its currency; null elsewhere, and where the relation has none. */
  readonly currencyColumn: string | null;
}

/** A column of what is written: its name and the expression behind it. */
interface Field {
  readonly name: string;
  readonly sql: string;
}

/** Marts and seeds, by name. Staged and intermediate relations are no contract: they change without a word. */
export async function exportable(db: Database): Promise<readonly Relation[]> {
  const rows = await db.all(
    `select c.schema_name as schema, c.table_name as relation, c.column_name as name, c.data_type as type
     from duckdb_columns() c
     left join meta.relations r on r.relation = c.table_name and r.layer = 'marts'
     where not c.internal and (c.schema_name = 'seeds' or (c.schema_name = 'main' and r.relation is not null))
     order by c.table_name, c.schema_name, c.column_index`,
  );
  const relations = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${String(row["schema"])}.${String(row["relation"])}`;
    relations.set(key, [...(relations.get(key) ?? []), row]);
  }
  return [...relations.values()].map((own) => {
    const names = new Set(own.map((row) => String(row["name"])));
    return {
      name: String(own[0]?.["relation"]),
      schema: own[0]?.["schema"] === "seeds" ? "seeds" : "main",
      columns: own.map((row) => columnOf(String(row["name"]), String(row["type"]), names)),
    };
  });
}

/** What a build is, as a relation of one row: its id, its day, what it was made of. */
export async function buildRelation(db: Database): Promise<Relation> {
  const rows = await db.all(
    "select column_name as name, data_type as type from duckdb_columns() where schema_name = 'meta' and table_name = 'build' order by column_index",
  );
  const columns = rows.map((row) => ({ name: String(row["name"]), type: String(row["type"]), currencyColumn: null }));
  return { name: "build", schema: "meta", columns };
}

/** `original_spend_cents` is in `original_currency` and `settled_cents` in `settled_currency`, where there is such a column. */
function columnOf(name: string, type: string, names: ReadonlySet<string>): Column {
  if (!name.endsWith("_cents")) return { name, type, currencyColumn: null };
  const own = `${name.split("_")[0]}_currency`;
  const currencyColumn = [own, "currency"].find((one) => names.has(one)) ?? null;
  return { name, type, currencyColumn };
}

/** The relation that was named. Throws `RELATION_UNKNOWN`, which says what there is. */
export function relationNamed(relations: readonly Relation[], typed: string): Relation {
  const wanted = typed.trim().toLowerCase();
  const found = relations.find(({ name, schema }) => wanted === name || wanted === `${schema}.${name}`);
  if (found !== undefined) return found;
  const near = nearest(
    wanted,
    relations.map(({ name }) => name),
  );
  throw new GrowthosError({
    code: "RELATION_UNKNOWN",
    what: `the build has no mart or seed "${typed.slice(0, 60)}"`,
    ...(near === undefined
      ? { why: `it has ${relations.map(({ name }) => name).join(", ")}` }
      : { why: `the nearest is ${near}` }),
    hint: "`growthos export` without a name lists them",
    exit: "usage",
  });
}

/** A condition as it was typed: `order_date>=2026-01-01`, `country=DE`, `title~socks` (contains). */
export interface Condition {
  readonly column: Column;
  readonly operator: string;
  readonly value: string;
}

/** Reads conditions. Throws `USAGE` for a column that is not there and for a value that is none of its type. */
export async function readConditions(
  db: Database,
  relation: Relation,
  typed: readonly string[],
): Promise<readonly Condition[]> {
  const conditions: Condition[] = [];
  for (const text of typed) {
    const [, name = "", operator = "", value = ""] = /^\s*(\w+)\s*(<=|>=|!=|=|<|>|~)\s*(.*?)\s*$/s.exec(text) ?? [];
    if (operator === "")
      throw usage(`"${text.slice(0, 60)}" is no condition`, "write column, operator, value: country=DE");
    const column = relation.columns.find((one) => one.name === name.toLowerCase());
    if (column === undefined) throw columnUnknown(relation, name);
    const isText = operator === "~";
    const { fits } = await db.one(
      `select ${isText} or try_cast(${quoteText(value)} as ${column.type}) is not null as fits`,
    );
    if (fits !== true) throw usage(`${column.name} is ${column.type}, and "${value.slice(0, 60)}" is not`);
    conditions.push({ column, operator, value });
  }
  return conditions;
}

function columnUnknown(relation: Relation, name: string): GrowthosError {
  const names = relation.columns.map((one) => one.name);
  const near = nearest(name, names);
  return usage(
    `${relation.name} has no column "${name.slice(0, 60)}"`,
    near === undefined ? `it has ${names.join(", ")}` : `did you mean ${near}?`,
  );
}

function usage(what: string, hint?: string): GrowthosError {
  return new GrowthosError({ code: "USAGE", what, ...(hint === undefined ? {} : { hint }), exit: "usage" });
}

/** How many rows meet the conditions. */
export async function countRows(
  db: Database,
  relation: Relation,
  conditions: readonly Condition[] = [],
): Promise<number> {
  const { rows } = await db.one(`select count(*) as rows ${fromSql(relation, conditions)}`);
  return Number(rows);
}

/** Writes a relation (those of its columns that are named) to `path`, its rows in one order that depends on nothing else: the same rows give the same bytes. */
export async function copyRelation(
  db: Database,
  relation: Relation,
  file: { readonly path: string; readonly format: FileFormat; readonly conditions?: readonly Condition[] },
): Promise<void> {
  const own = relation.columns.map(({ name }) => quoteName(name)).join(", ");
  const fields = file.format === "parquet" ? own : listOf(fieldsOf(relation, file.format));
  const rows = `select * ${fromSql(relation, file.conditions ?? [])} order by all`;
  const options = file.format === "copy" ? copyOptions(relation) : OPTIONS[file.format];
  await db.run(`copy (select ${fields} from (${rows})) to ${quoteText(file.path)} (${options})`);
}

/** Texts are quoted whatever they are: an empty one is none that is missing, and `\.` alone on a line is no end. */
function copyOptions({ columns }: Relation): string {
  const texts = columns.filter(({ type }) => type === "VARCHAR" || isJson(type)).map(({ name }) => quoteName(name));
  const quoted = texts.length === 0 ? "" : `, force_quote (${texts.join(", ")})`;
  return `format csv, header false, delimiter ',', nullstr ''${quoted}`;
}

const OPTIONS: Readonly<Record<Exclude<FileFormat, "copy">, string>> = {
  parquet: "format parquet, compression zstd",
  flat: "format parquet, compression zstd",
  csv: "format csv, header true, delimiter ','",
  jsonl: "format json",
};

/** Titles and rows for a sheet: texts, numbers, whole days and instants as their own kinds, amounts also in whole units. */
export async function sheetRows(
  db: Database,
  relation: Relation,
  conditions: readonly Condition[] = [],
): Promise<{ readonly titles: readonly string[]; readonly pages: AsyncIterable<readonly Row[]> }> {
  const fields = fieldsOf(relation, "sheet");
  await db.run(`create or replace temp table sheet_rows as select * ${fromSql(relation, conditions)} order by all`);
  return { titles: fields.map(({ name }) => name), pages: pagesOf(db, listOf(fields)) };
}

const PAGE = 5_000;

async function* pagesOf(db: Database, fields: string): AsyncGenerator<readonly Row[]> {
  for (let from = 0; ; from += PAGE) {
    const rows = await db.all(
      `select ${fields} from sheet_rows where rowid >= ${from} and rowid < ${from + PAGE} order by rowid`,
    );
    if (rows.length === 0) break;
    yield rows;
  }
  await db.run("drop table sheet_rows");
}

function fromSql({ schema, name }: Relation, conditions: readonly Condition[]): string {
  const where = conditions.map(({ column, operator, value }) =>
    operator === "~"
      ? `contains(lower(cast(${quoteName(column.name)} as varchar)), lower(${quoteText(value)}))`
      : `${quoteName(column.name)} ${operator} cast(${quoteText(value)} as ${column.type})`,
  );
  return `from ${schema}.${quoteName(name)}${where.length === 0 ? "" : ` where ${where.join(" and ")}`}`;
}

function listOf(fields: readonly Field[]): string {
  return fields.map(({ name, sql }) => `${sql} as ${quoteName(name)}`).join(", ");
}

function fieldsOf(relation: Relation, format: keyof typeof SHAPES): readonly Field[] {
  const taken = new Set(relation.columns.map(({ name }) => name));
  return relation.columns.flatMap((column) => {
    const field = { name: column.name, sql: SHAPES[format](quoteName(column.name), column.type) };
    const whole = column.name.replace(/_cents$/, "");
    const isExact = format === "jsonl" || format === "copy" || format === "flat";
    if (isExact || column.currencyColumn === null || taken.has(whole)) return [field];
    const amount = wholeUnits(quoteName(column.name), quoteName(column.currencyColumn));
    return [field, { name: whole, sql: format === "csv" ? amount : `cast(${amount} as double)` }];
  });
}

/** How a value of a type is written; what has no shape of its own goes as it is. */
const SHAPES = {
  csv: (name: string, type: string) => {
    if (type === "VARCHAR") return inertText(name);
    return isNested(type) ? inertText(`cast(to_json(${name}) as varchar)`) : instantOr(name, type);
  },
  jsonl: instantOr,
  copy: (name: string, type: string) => {
    if (type === "VARCHAR") return `replace(${name}, chr(0), '')`;
    if (isJson(type)) return withoutNul(`cast(to_json(${name}) as varchar)`);
    return type === "BLOB" ? `'\\x' || hex(${name})` : name;
  },
  flat: (name: string, type: string) => {
    if (isJson(type)) return `cast(to_json(${name}) as varchar)`;
    // Parquet has no integers of 128 bits, and DuckDB would write doubles.
    if (/^U?HUGEINT$/.test(type)) return `cast(${name} as decimal(38, 0))`;
    return type === "UUID" ? `cast(${name} as varchar)` : name;
  },
  sheet: (name: string, type: string) => (isNested(type) ? `cast(to_json(${name}) as varchar)` : instantOr(name, type)),
} as const;

/** ISO 8601 with milliseconds, or microseconds where there are any, as everywhere else in the program. */
function instantOr(name: string, type: string): string {
  if (!type.startsWith("TIMESTAMP")) return name;
  const zone = type.endsWith("TIME ZONE") ? "Z" : "";
  return `regexp_replace(strftime(${name}, '%Y-%m-%dT%H:%M:%S.%f'), '000$', '') || '${zone}'`;
}

function isJson(type: string): boolean {
  return type === "JSON" || isNested(type);
}

function isNested(type: string): boolean {
  return /\[|\(.*\w+ \w|^(STRUCT|MAP)/.test(type);
}

/** JSON without the character that PostgreSQL has no place for; a backslash that is written itself stays (after another one, `\\u0000` is text). */
function withoutNul(json: string): string {
  return `regexp_replace(${json}, '((?:^|[^\\\\])(?:\\\\\\\\)*)(?:\\\\u0000)+', '\\1', 'g')`;
}

/** What a spreadsheet would run as a formula gets an apostrophe, what moves a cursor or turns writing round becomes a blank: as `csvText` does it. */
function inertText(text: string): string {
  const inert = `regexp_replace(${text}, '[\\x00-\\x1f\\x7f-\\x9f\\x{200e}\\x{200f}\\x{202a}-\\x{202e}\\x{2028}\\x{2029}\\x{2066}-\\x{2069}]', ' ', 'g')`;
  const isFormula = `regexp_matches(${text}, '^[=+\\-@\\t\\r]') and not regexp_full_match(${text}, '[+-]?\\d+(\\.\\d+)?')`;
  return `case when ${isFormula} then '''' || ${inert} else ${inert} end`;
}

/** An amount in whole units as an exact decimal text, with the decimals of its currency (ISO 4217); null without a currency. */
function wholeUnits(amount: string, currency: string): string {
  const codes = (exponent: number) =>
    Object.entries(CURRENCY_EXPONENTS)
      .flatMap(([code, own]) => (own === exponent ? [quoteText(code)] : []))
      .join(", ");
  const exact = `cast(${amount} as decimal(20, 0))`;
  return `case when ${currency} is null then null when ${currency} in (${codes(0)}) then cast(${amount} as varchar)
    when ${currency} in (${codes(3)}) then cast(${exact} * cast(0.001 as decimal(4, 3)) as varchar)
    else cast(${exact} * cast(0.01 as decimal(3, 2)) as varchar) end`;
}
