/** PostgreSQL's side of a table: its types, its name, and the statements that bring one up to date. Pure. */
import { quoteName, quoteText } from "../base/ids.js";

/** A column as PostgreSQL has it. */
export interface PgColumn {
  readonly name: string;
  /** As `format_type` writes it, so that it can be compared. */
  readonly type: string;
}

/** Says that a table is ours: what has no such comment is left alone. */
export const MARK = "Written by growthos publish: its rows are replaced whole.";

const TYPES: Readonly<Record<string, string>> = {
  BOOLEAN: "boolean",
  TINYINT: "smallint",
  SMALLINT: "smallint",
  INTEGER: "integer",
  BIGINT: "bigint",
  UTINYINT: "smallint",
  USMALLINT: "integer",
  UINTEGER: "bigint",
  UBIGINT: "numeric(20,0)",
  HUGEINT: "numeric(39,0)",
  UHUGEINT: "numeric(39,0)",
  FLOAT: "real",
  DOUBLE: "double precision",
  DATE: "date",
  TIME: "time without time zone",
  TIMESTAMP: "timestamp without time zone",
  "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
  UUID: "uuid",
  BLOB: "bytea",
  JSON: "jsonb",
};

/** The type for one of DuckDB's: amounts stay integers, decimals exact, lists and structs are `jsonb`, and what has no twin is text. */
export function pgType(type: string): string {
  if (/\[|^(STRUCT|MAP)/.test(type)) return "jsonb";
  const [, precision, scale] = /^DECIMAL\((\d+),(\d+)\)$/.exec(type) ?? [];
  return precision === undefined ? (TYPES[type] ?? "text") : `numeric(${precision},${scale})`;
}

/** The columns of a table that is made. */
export function definitionOf(columns: readonly PgColumn[]): string {
  return `(${columns.map(({ name, type }) => `${quoteName(name)} ${type}`).join(", ")})`;
}

/** Makes a table that is not there. */
export function createTable(table: string, columns: readonly PgColumn[]): readonly string[] {
  return [`create table ${table} ${definitionOf(columns)}`, `comment on table ${table} is ${quoteText(MARK)}`];
}

/**
 * Gives a table that is there the columns that are wanted. A column whose type changed is a new one; the rows are replaced anyway. What stays
 * as it is keeps its place, so that views and grants outlive a new column. Readers of the table wait from here until the transaction ends.
 */
export function alterTable(
  table: string,
  { there, wanted }: { readonly there: readonly PgColumn[]; readonly wanted: readonly PgColumn[] },
): readonly string[] {
  const has = (columns: readonly PgColumn[], one: PgColumn) =>
    columns.some(({ name, type }) => name === one.name && type === one.type);
  const changes = [
    ...there.filter((one) => !has(wanted, one)).map(({ name }) => `drop column ${quoteName(name)}`),
    ...wanted.filter((one) => !has(there, one)).map(({ name, type }) => `add column ${quoteName(name)} ${type}`),
  ];
  return changes.length === 0 ? [] : [`alter table ${table} ${changes.join(", ")}`];
}

/** Replaces the rows of `table` by those of `from`. Readers see the old ones until the transaction ends, and do not wait. */
export function replaceRows(table: string, from: string, columns: readonly PgColumn[]): readonly string[] {
  const names = columns.map(({ name }) => quoteName(name)).join(", ");
  return [`delete from ${table}`, `insert into ${table} (${names}) select ${names} from ${from}`];
}

/** What is under a name, `$1`: its kind, its comment and its columns; no row when nothing is. */
export const FIND_TABLE = `select c.relkind::text as kind, obj_description(c.oid, 'pg_class') as comment,
  coalesce((select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
    from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]') as columns
  from pg_class c where c.oid = to_regclass($1)`;
