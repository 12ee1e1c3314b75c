/** Snowflake's side of a table: its types, its names, and the statements that bring it up to date. Pure. */
import { quoteName, quoteText } from "../base/ids.js";
import type { PublishTable } from "./types.js";

/** Where tables go. Names as Snowflake reads those that nobody quotes. */
export interface SnowflakeNames {
  readonly database: string;
  readonly schema: string;
  readonly stage: string;
  readonly prefix: string;
}

/** Says that a table is ours: what has no such comment is left alone. It has no quote and no backslash. */
export const MARK = "Written by growthos publish: its rows are replaced whole.";

const TYPES: Readonly<Record<string, string>> = {
  BOOLEAN: "BOOLEAN",
  TINYINT: "NUMBER(3,0)",
  SMALLINT: "NUMBER(5,0)",
  INTEGER: "NUMBER(10,0)",
  BIGINT: "NUMBER(19,0)",
  UTINYINT: "NUMBER(3,0)",
  USMALLINT: "NUMBER(5,0)",
  UINTEGER: "NUMBER(10,0)",
  UBIGINT: "NUMBER(20,0)",
  HUGEINT: "NUMBER(38,0)",
  UHUGEINT: "NUMBER(38,0)",
  FLOAT: "FLOAT",
  DOUBLE: "FLOAT",
  DATE: "DATE",
  TIME: "TIME(6)",
  TIMESTAMP: "TIMESTAMP_NTZ(6)",
  "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_LTZ(6)",
  BLOB: "BINARY",
  JSON: "VARIANT",
};

/** The type for one of DuckDB's: amounts stay integers, decimals exact, lists and structs are `VARIANT`, and what has no twin is text. */
export function snowflakeType(type: string): string {
  if (/\[|^(STRUCT|MAP)/.test(type)) return "VARIANT";
  const [, precision, scale] = /^DECIMAL\((\d+),(\d+)\)$/.exec(type) ?? [];
  return precision === undefined ? (TYPES[type] ?? "VARCHAR") : `NUMBER(${precision},${scale})`;
}

const named = (name: string) => quoteName(name.toUpperCase());

/** The name of a mart's table as Snowflake keeps it. */
export function tableName({ prefix }: SnowflakeNames, name: string): string {
  return `${prefix}${name}`.toUpperCase();
}

/** A table that waits to be put in its place; `attempt` tells those of one publish from those of another. */
export function waitingName(names: SnowflakeNames, name: string, attempt: string): string {
  return `${tableName(names, name)}__GROWTHOS_${attempt.toUpperCase()}`;
}

/** True for what `waitingName` makes, of any attempt. */
export function isWaiting(table: string): boolean {
  return /__GROWTHOS_[0-9A-F]{12}(_TEXT)?$/.test(table);
}

/** The table that the file goes into: with JSON still as text where the mart has lists or structs. */
export function arrivalName(waiting: string, table: PublishTable): string {
  return table.columns.some(isVariant) ? `${waiting}_TEXT` : waiting;
}

const isVariant = ({ type }: { readonly type: string }) => snowflakeType(type) === "VARIANT";

function within({ database, schema }: SnowflakeNames, name: string): string {
  return `${named(database)}.${named(schema)}.${quoteName(name)}`;
}

/** Statements that are carried out one after the other, as one request. */
export function block(statements: readonly string[]): string {
  return `EXECUTE IMMEDIATE $$\nBEGIN\n${statements.map((one) => `${one};\n`).join("")}RETURN 'done';\nEND;\n$$`;
}

/** The same in one transaction, which is rolled back by itself when one of them fails. */
export function transaction(statements: readonly string[]): string {
  const lines = ["BEGIN TRANSACTION", ...statements, "COMMIT", "RETURN 'done'"].map((one) => `${one};\n`).join("");
  return `EXECUTE IMMEDIATE $$\nBEGIN\n${lines}EXCEPTION\nWHEN OTHER THEN\nROLLBACK;\nRAISE;\nEND;\n$$`;
}

/** An empty table for the file of a mart. */
export function createArrival(names: SnowflakeNames, waiting: string, table: PublishTable): string {
  const columns = table.columns.map(
    (one) => `${named(one.name)} ${isVariant(one) ? "VARCHAR" : snowflakeType(one.type)}`,
  );
  return `CREATE OR REPLACE TABLE ${within(names, arrivalName(waiting, table))} (${columns.join(", ")}) COMMENT = ${quoteText(MARK)}`;
}

/** Loads the file into it: all of it or nothing, by the names of columns. The same file is never loaded into the same table twice. */
export function copyInto(
  names: SnowflakeNames,
  { waiting, table, path }: { readonly waiting: string; readonly table: PublishTable; readonly path: string },
): string {
  const [, folder = "", file = ""] = /^(.*\/)([^/]+)$/.exec(path) ?? [];
  return [
    `COPY INTO ${within(names, arrivalName(waiting, table))}`,
    `FROM @${within(names, names.stage.toUpperCase())}/${folder}`,
    `FILES = (${quoteText(file)})`,
    "FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)",
    "MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE",
    "ON_ERROR = ABORT_STATEMENT",
  ].join(" ");
}

/** Makes values of what has arrived as JSON; null where nothing has. */
export function shape(names: SnowflakeNames, waiting: string, table: PublishTable): string | null {
  if (!table.columns.some(isVariant)) return null;
  const columns = table.columns.map(({ name, type }) => `${named(name)} ${snowflakeType(type)}`).join(", ");
  const values = table.columns.map((one) => (isVariant(one) ? `PARSE_JSON(${named(one.name)})` : named(one.name)));
  return `CREATE OR REPLACE TABLE ${within(names, waiting)} (${columns}) AS SELECT ${values.join(", ")} FROM ${within(names, `${waiting}_TEXT`)}`;
}

/** How many rows each of the tables has, in their order. */
export function countRows(names: SnowflakeNames, tables: readonly string[]): string {
  const each = tables.map(
    (one, index) => `SELECT ${index} AS TABLE_INDEX, COUNT(*) AS TABLE_ROWS FROM ${within(names, one)}`,
  );
  return `${each.join(" UNION ALL ")} ORDER BY TABLE_INDEX`;
}

/** What is there under names with the prefix: name, kind, comment, age in hours, and its columns as one text to compare. */
export function listTables({ database, schema, prefix }: SnowflakeNames): string {
  const from = (name: string) => `${named(database)}.INFORMATION_SCHEMA.${name}`;
  const parts = ["C.COLUMN_NAME", "C.DATA_TYPE", ...["C.NUMERIC_PRECISION", "C.NUMERIC_SCALE"].map(orNothing)];
  return `SELECT T.TABLE_NAME, T.TABLE_TYPE, T.COMMENT, DATEDIFF('HOUR', T.CREATED, CURRENT_TIMESTAMP()) AS AGE_HOURS,
  LISTAGG(CONCAT_WS(' ', ${parts.join(", ")}), ', ') WITHIN GROUP (ORDER BY C.ORDINAL_POSITION) AS COLUMN_LIST
FROM ${from("TABLES")} T JOIN ${from("COLUMNS")} C ON C.TABLE_SCHEMA = T.TABLE_SCHEMA AND C.TABLE_NAME = T.TABLE_NAME
WHERE T.TABLE_SCHEMA = ${quoteText(schema.toUpperCase())} AND STARTSWITH(T.TABLE_NAME, ${quoteText(prefix.toUpperCase())})
GROUP BY T.TABLE_NAME, T.TABLE_TYPE, T.COMMENT, T.CREATED ORDER BY T.TABLE_NAME`;
}

function orNothing(column: string): string {
  return `COALESCE(TO_VARCHAR(${column}), '')`;
}

/** A table that is new, or that has other columns than before: a copy of the one that waits, which shares its storage. Rights on an old one stay. */
export function putNew(
  names: SnowflakeNames,
  { name, waiting, isThere }: { readonly name: string; readonly waiting: string; readonly isThere: boolean },
): readonly string[] {
  const table = within(names, tableName(names, name));
  return [
    `CREATE OR REPLACE TABLE ${table} CLONE ${within(names, waiting)}${isThere ? " COPY GRANTS" : ""}`,
    `COMMENT ON TABLE ${table} IS ${quoteText(MARK)}`,
  ];
}

/** Takes the lock of a table until the transaction ends: whoever comes second waits, and then sees what the first has done. */
export function lockTable(names: SnowflakeNames, name: string): string {
  return `DELETE FROM ${within(names, tableName(names, name))}`;
}

/** The rows of a mart by those that wait. In a transaction readers see the old ones until its end. */
export function replaceRows(names: SnowflakeNames, waiting: string, table: PublishTable): string {
  const columns = table.columns.map(({ name }) => named(name)).join(", ");
  return `INSERT OVERWRITE INTO ${within(names, tableName(names, table.name))} (${columns}) SELECT ${columns} FROM ${within(names, waiting)}`;
}

/** Nothing happens when it is not there. */
export function dropTable(names: SnowflakeNames, table: string): string {
  return `DROP TABLE IF EXISTS ${within(names, table)}`;
}
