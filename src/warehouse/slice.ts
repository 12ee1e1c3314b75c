/** A part of a build as Parquet, with what plain DuckDB needs to ask it again. */
import { quoteName, quoteText } from "../base/ids.js";
import type { Database } from "./types.js";

/** A statement of a report, under a name that may be a file's. */
export interface NamedStatement {
  readonly name: string;
  readonly sql: string;
}

/** Folders inside a bundle. */
export const SLICE = { marts: "marts", results: "results" } as const;

/** The marts that statements name, sorted. A word that only looks like one brings a mart too many, never one too few. */
export async function relationsIn(db: Database, statements: readonly NamedStatement[]): Promise<readonly string[]> {
  const tables = await db.all(
    "select table_name from information_schema.tables where table_schema = 'main' order by table_name",
  );
  const words = new Set(statements.flatMap(({ sql }) => sql.match(/\w+/g) ?? []));
  return tables.map((row) => String(row["table_name"])).filter((name) => words.has(name));
}

/** Writes a relation as Parquet, in an order of its own, so that the same rows give the same bytes. */
export async function exportRelation(db: Database, relation: string, path: string): Promise<void> {
  await db.run(
    `copy (select * from ${quoteName(relation)} order by all) to ${quoteText(path)} (format parquet, compression zstd)`,
  );
}

/** Makes exported relations readable under their names. */
export async function openSlice(db: Database, relations: readonly string[], folder: string): Promise<void> {
  for (const statement of viewsOf(relations, folder)) await db.run(statement);
}

/** Writes what a statement gives, in its own order. */
export async function exportResult(db: Database, { sql }: NamedStatement, path: string): Promise<void> {
  await db.run(`copy (${bare(sql)}) to ${quoteText(path)} (format parquet, compression zstd)`);
}

/**
 * A script for the `duckdb` shell, run in the unpacked folder: it reads the marts, asks every question of the report again, and lists for
 * each how many rows it gave and how many differ from those that the report was made of: none.
 */
export function rerunScript(relations: readonly string[], statements: readonly NamedStatement[]): string {
  const differences = statements.map(({ name, sql }) => {
    const kept = `select * from read_parquet(${quoteText(`${SLICE.results}/${name}.parquet`)})`;
    const own = quoteName(name);
    return [
      `create table ${own} as ${bare(sql)};`,
      `insert into differences select ${quoteText(name)}, (select count(*) from ${own}),`,
      `  (select count(*) from ((select * from ${own} except all ${kept}) union all (${kept} except all select * from ${own})));`,
    ].join("\n");
  });
  return [
    "-- duckdb < rerun.sql (in this folder): every figure of the report, asked again of its own data.",
    "set timezone = 'UTC';",
    "set threads = 1;",
    ...viewsOf(relations, SLICE.marts),
    "create table differences (statement varchar, row_count bigint, differing_rows bigint);",
    ...differences,
    "select * from differences order by statement;",
    "",
  ].join("\n");
}

function viewsOf(relations: readonly string[], folder: string): readonly string[] {
  return relations.map(
    (relation) =>
      `create view ${quoteName(relation)} as select * from read_parquet(${quoteText(`${folder}/${relation}.parquet`)});`,
  );
}

/** A statement as a subquery takes it. */
function bare(sql: string): string {
  return sql.trim().replace(/;\s*$/, "");
}
