/** The relations of a build, what each reads, and where the values of their columns come from. */
import type { Files } from "../base/files.js";
import type { Database } from "../warehouse/types.js";
import { lineageOf, type Origin, type TreeNode } from "./column-lineage.js";
import { readProject } from "./project.js";
import type { Layer } from "./types.js";

/** A relation as the lineage shows it. */
export interface LineageRelation {
  readonly relation: string;
  readonly layer: Layer;
  /** What a row is: the first line of its file. */
  readonly title: string;
  /** Path relative to `sql/`. */
  readonly path: string;
  readonly grain: readonly string[];
  readonly version: number | null;
  /** Rows in the build; null where it is not kept. */
  readonly rows: number | null;
  /** Relations that it reads; landed ones as `raw.<source>__<stream>`. */
  readonly reads: readonly string[];
}

/** The way of the data from the landed records to the marts. */
export interface Lineage {
  readonly relations: readonly LineageRelation[];
  /** Members of payloads, and columns of the config's tables, whose values enter a column; none for a column that is not known. */
  origins(relation: string, column: string): readonly Origin[];
}

/** Nothing is known. */
export const NO_LINEAGE: Lineage = { relations: [], origins: () => [] };

/** Reads `sql/` with the database as parser, and the row counts of its build. */
export async function readLineage(db: Database, files: Files, sqlFolder: string): Promise<Lineage> {
  const { models } = await readProject(db, files, sqlFolder);
  const trees = new Map<string, TreeNode>();
  for (const { relation, sql } of models) {
    const row = await db.one("select json_serialize_sql($1::varchar) as tree", [sql]);
    const { statements = [] } = JSON.parse(String(row["tree"])) as {
      statements?: readonly { readonly node: TreeNode }[];
    };
    const [statement] = statements;
    if (statement !== undefined) trees.set(relation, statement.node);
  }
  const counts = await db.all("select relation, rows from meta.relations");
  const rows = new Map(
    counts.map((row) => [String(row["relation"]), row["rows"] === null ? null : Number(row["rows"])]),
  );
  return {
    relations: models.map(({ relation, layer, title, path, grain, version, reads }) => ({
      relation,
      layer,
      title,
      path,
      grain,
      version,
      rows: rows.get(relation) ?? null,
      reads,
    })),
    origins: lineageOf(trees),
  };
}
