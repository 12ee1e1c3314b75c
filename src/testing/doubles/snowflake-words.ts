/**
 * What Snowflake understands, as far as publishing goes: each kind of statement is read strictly and carried out by DuckDB in memory; anything
 * else is a syntax error. COPY reads from the double of S3, through a stage that is over one of its prefixes.
 */
import { quoteName, quoteText } from "../../base/ids.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import type { Database, Row } from "../../warehouse/types.js";
import { freshFolder } from "../workspace.js";

/** An error as the SQL API tells it. */
export class SnowflakeError extends Error {
  constructor(
    readonly code: string,
    readonly sqlState: string,
    message: string,
  ) {
    super(message);
  }
}

/** What is there. */
export interface SnowflakeWorld {
  /** By name, in capitals. */
  readonly tables: Map<string, SnowflakeTable>;
  readonly schema: string;
  /** Null: there is no such stage. */
  stagePrefix: string | null;
  /** By key, as the bucket has them. */
  readonly objects: ReadonlyMap<string, { readonly bytes: Uint8Array }>;
  readonly now: () => number;
  /** Carries out statements (a whole block is one), and returns rows as the API sends them. */
  execute(statement: string): Promise<readonly (readonly (string | null)[])[]>;
  rows(table: string): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** What a table is beside its rows. */
export interface SnowflakeTable {
  readonly createdMs: number;
  readonly comment: string | null;
  /** Roles that may read it. */
  readonly grants: readonly string[];
  /** As they were made: name and type. */
  readonly columns: readonly (readonly [string, string])[];
  readonly loaded: readonly string[];
}

const NAME = '"ANALYTICS"\\."([A-Z]+)"\\."([A-Z0-9_]+)"';
const DUCK: readonly (readonly [RegExp, string])[] = [
  [/^NUMBER(\(\d+,\d+\))$/, "DECIMAL$1"],
  [/^FLOAT$/, "DOUBLE"],
  [/^TIMESTAMP_LTZ\(6\)$/, "TIMESTAMPTZ"],
  [/^TIMESTAMP_NTZ\(6\)$/, "TIMESTAMP"],
  [/^TIME\(6\)$/, "TIME"],
  [/^VARIANT$/, "JSON"],
  [/^BINARY$/, "BLOB"],
  [/^(VARCHAR|BOOLEAN|DATE)$/, "$1"],
];

type Words = RegExpExecArray;
type Rows = readonly (readonly (string | null)[])[];

/** Starts it: the database ANALYTICS with one schema and one stage. */
export async function snowflakeWorld(
  more: Pick<SnowflakeWorld, "schema" | "stagePrefix" | "objects" | "now">,
): Promise<SnowflakeWorld> {
  const db = await openDatabase({ threads: 1 });
  const tables: SnowflakeWorld["tables"] = new Map();
  let line: Promise<unknown> = Promise.resolve();
  const world: SnowflakeWorld = {
    ...more,
    tables,
    // One after the other, as the lock of a table does it.
    execute: (statement) => {
      const turn = line.then(() => carryOut({ world, db }, statement));
      line = turn.catch(() => {});
      return turn;
    },
    rows: (table) => db.all(`select * from ${quoteName(table)} order by all`),
    close: () => db.close(),
  };
  return world;
}

interface Inside {
  readonly world: SnowflakeWorld;
  readonly db: Database;
}

async function carryOut(inside: Inside, statement: string): Promise<Rows> {
  const block = /^EXECUTE IMMEDIATE \$\$\nBEGIN\n(.*)END;\n\$\$$/s.exec(statement)?.[1];
  if (block === undefined) return one(inside, statement);
  const guarded =
    /^BEGIN TRANSACTION;\n(.*)COMMIT;\nRETURN 'done';\nEXCEPTION\nWHEN OTHER THEN\nROLLBACK;\nRAISE;\n$/s.exec(
      block,
    )?.[1];
  if (guarded === undefined) {
    const plain = /^(.*)RETURN 'done';\n$/s.exec(block)?.[1];
    if (plain === undefined) throw syntax(block);
    for (const each of linesOf(plain)) await one(inside, each);
    return [["done"]];
  }
  await inside.db.run("begin");
  try {
    for (const each of linesOf(guarded)) {
      if (!/^(DELETE|INSERT) /.test(each)) throw new Error(`${each} would end the transaction`);
      await one(inside, each);
    }
    await inside.db.run("commit");
  } catch (thrown) {
    await inside.db.run("rollback");
    throw thrown;
  }
  return [["done"]];
}

function linesOf(block: string): readonly string[] {
  return block.split(";\n").filter((text) => text !== "");
}

const STATEMENTS: readonly (readonly [RegExp, (inside: Inside, words: Words) => Promise<Rows>])[] = [
  [
    /^SELECT T\.TABLE_NAME, .*LISTAGG\(.* = '([A-Z]+)' AND STARTSWITH\(T\.TABLE_NAME, '([A-Z0-9_]*)'\)\nGROUP BY .*$/s,
    list,
  ],
  [
    new RegExp(
      `^CREATE OR REPLACE TABLE ${NAME} \\(([^;]*?)\\)(?: COMMENT = '([^']*)')?( AS SELECT .* FROM ${NAME})?$`,
    ),
    create,
  ],
  [new RegExp(`^CREATE OR REPLACE TABLE ${NAME} CLONE ${NAME}( COPY GRANTS)?$`), clone],
  [new RegExp(`^COMMENT ON TABLE ${NAME} IS '([^']*)'$`), comment],
  [new RegExp(`^DROP TABLE IF EXISTS ${NAME}$`), drop],
  [new RegExp(`^DELETE FROM ${NAME}$`), empty],
  [new RegExp(`^INSERT OVERWRITE INTO ${NAME} (\\(.*\\)) SELECT (.*) FROM ${NAME}$`), overwrite],
  [
    new RegExp(
      `^COPY INTO ${NAME} FROM @${NAME}/(\\S+/) FILES = \\('([^']+)'\\) FILE_FORMAT = \\(TYPE = PARQUET USE_LOGICAL_TYPE = TRUE\\) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE ON_ERROR = ABORT_STATEMENT$`,
    ),
    copy,
  ],
  [
    /^(?:(?:SELECT|UNION ALL SELECT) \d+ AS TABLE_INDEX, COUNT\(\*\) AS TABLE_ROWS FROM \S+ )+ORDER BY TABLE_INDEX$/,
    count,
  ],
];

async function one(inside: Inside, statement: string): Promise<Rows> {
  for (const [pattern, run] of STATEMENTS) {
    const words = pattern.exec(statement);
    if (words !== null) return run(inside, words);
  }
  throw syntax(statement);
}

function syntax(statement: string): SnowflakeError {
  return new SnowflakeError("001003", "42000", `SQL compilation error:\nsyntax error near '${statement.slice(0, 60)}'`);
}

function missing(kind: string, name: string): SnowflakeError {
  const message = `SQL compilation error:\n${kind} '${name}' does not exist or not authorized.`;
  return new SnowflakeError("002003", "42S02", message);
}

/** A table by schema and name. */
function found({ world }: Inside, schema: string, name: string): SnowflakeTable {
  requireSchema(world, schema);
  const table = world.tables.get(name);
  if (table === undefined) throw missing("Object", `ANALYTICS.${schema}.${name}`);
  return table;
}

function requireSchema(world: SnowflakeWorld, schema: string): void {
  if (schema !== world.schema) throw missing("Schema", `ANALYTICS.${schema}`);
}

async function list({ world }: Inside, [, schema, prefix = ""]: Words): Promise<Rows> {
  if (schema !== world.schema) return [];
  return [...world.tables]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, { comment: text, createdMs, columns }]) => {
      const age = Math.floor((world.now() - createdMs) / 3_600_000);
      return [name, "BASE TABLE", text, String(age), columns.map((column) => column.join(" ")).join(", ")];
    });
}

async function create({ world, db }: Inside, words: Words): Promise<Rows> {
  const [, schema = "", name = "", list = "", text, query] = words;
  requireSchema(world, schema);
  const columns = [...list.matchAll(/"([A-Z0-9_]+)" ([A-Z_]+(?:\(\d+(?:,\d+)?\))?)(?:, |$)/g)].map(
    ([, column = "", type = ""]) => [column, type] as const,
  );
  if (columns.map(([column, type]) => `"${column}" ${type}`).join(", ") !== list) throw syntax(list);
  await db.run(`create or replace table ${quoteName(name)} (${columns.map(duckColumn).join(", ")})`);
  if (query !== undefined) {
    const select = query
      .replace(" AS ", "")
      .replaceAll("PARSE_JSON(", "json(")
      .replaceAll(`"ANALYTICS"."${schema}".`, "");
    await db.run(`insert into ${quoteName(name)} ${select}`);
  }
  world.tables.set(name, { createdMs: world.now(), comment: text ?? null, grants: [], columns, loaded: [] });
  return [[`Table ${name} successfully created.`]];
}

function duckColumn([name, type]: readonly [string, string]): string {
  const [pattern, duck] = DUCK.find(([one]) => one.test(type)) ?? [];
  if (pattern === undefined || duck === undefined) throw syntax(type);
  return `${quoteName(name)} ${type.replace(pattern, duck)}`;
}

async function clone(inside: Inside, words: Words): Promise<Rows> {
  const { world, db } = inside;
  const [, schema = "", name = "", fromSchema = "", from = "", grants] = words;
  requireSchema(world, schema);
  const source = found(inside, fromSchema, from);
  await db.run(`create or replace table ${quoteName(name)} as from ${quoteName(from)}`);
  // Without COPY GRANTS those of the table that was there go with it; nothing is promised of the comment.
  const kept = grants === undefined ? [] : (world.tables.get(name)?.grants ?? []);
  world.tables.set(name, { ...source, createdMs: world.now(), comment: null, grants: kept });
  return [[`Table ${name} successfully created.`]];
}

async function comment(inside: Inside, [, schema = "", name = "", text = ""]: Words): Promise<Rows> {
  inside.world.tables.set(name, { ...found(inside, schema, name), comment: text });
  return [["Statement executed successfully."]];
}

async function drop({ world, db }: Inside, [, schema = "", name = ""]: Words): Promise<Rows> {
  requireSchema(world, schema);
  world.tables.delete(name);
  await db.run(`drop table if exists ${quoteName(name)}`);
  return [["Drop statement executed successfully."]];
}

async function empty(inside: Inside, [, schema = "", name = ""]: Words): Promise<Rows> {
  found(inside, schema, name);
  await inside.db.run(`delete from ${quoteName(name)}`);
  return [];
}

async function overwrite(inside: Inside, words: Words): Promise<Rows> {
  const [, schema = "", name = "", columns = "", values = "", fromSchema = "", from = ""] = words;
  found(inside, schema, name);
  found(inside, fromSchema, from);
  await inside.db.run(`delete from ${quoteName(name)}`);
  await inside.db.run(`insert into ${quoteName(name)} ${columns} select ${values} from ${quoteName(from)}`);
  return [];
}

async function copy(inside: Inside, words: Words): Promise<Rows> {
  const { world, db } = inside;
  const [, schema = "", name = "", stageSchema = "", stage = "", folder = "", file = ""] = words;
  const table = found(inside, schema, name);
  if (world.stagePrefix === null || stageSchema !== world.schema)
    throw missing("Stage", `ANALYTICS.${stageSchema}.${stage}`);
  const key = `${world.stagePrefix}${folder}${file}`;
  // A file that the table has taken is passed over.
  if (table.loaded.includes(key)) return [["Copy executed with 0 files processed."]];
  const bytes = world.objects.get(key)?.bytes;
  if (bytes === undefined)
    throw new SnowflakeError(
      "091016",
      "22000",
      `Remote file 's3://lake/${key}' was not found. If you are running a copy command, please make sure files are not deleted when they are being loaded`,
    );
  const path = `${freshFolder()}/file.parquet`;
  diskFiles.write(path, bytes);
  try {
    await db.run(`insert into ${quoteName(name)} by name from read_parquet(${quoteText(path)})`);
  } catch (thrown) {
    throw new SnowflakeError("100132", "22000", `Error parsing the parquet file: ${String(thrown)}`);
  }
  world.tables.set(name, { ...table, loaded: [...table.loaded, key] });
  return [[file, "LOADED"]];
}

async function count(inside: Inside, [statement = ""]: Words): Promise<Rows> {
  const rows: string[][] = [];
  for (const [, schema = "", name = ""] of statement.matchAll(new RegExp(NAME, "g"))) {
    found(inside, schema, name);
    const { n } = await inside.db.one(`select count(*) as n from ${quoteName(name)}`);
    rows.push([String(rows.length), String(n)]);
  }
  return rows;
}
