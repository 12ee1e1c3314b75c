import { join } from "node:path";
import { isoDate } from "../base/dates.js";
import { quoteName } from "../base/ids.js";
import { createComputed } from "../transform/computed.js";
import { isStagedPerPart, rawStreamOf, withAncestors } from "../transform/graph.js";
import { createMacros } from "../transform/macros.js";
import { setVariables, writeMetaInputs } from "../transform/meta.js";
import { type Project, readProject } from "../transform/project.js";
import { loadSeeds } from "../transform/seeds.js";
import { emptySelect } from "../transform/stage.js";
import type { BuildSettings } from "../transform/types.js";
import { diskFiles } from "../warehouse/disk.js";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Cell, Database, Row, Workspace } from "../warehouse/types.js";
import { LANDED_COLUMNS } from "../warehouse/write-part.js";
import { root } from "./root.js";

/** The SQL of this repository. */
export const SQL_FOLDER = join(root, "sql");

/** A workspace's settings with the defaults of the config. */
export const SETTINGS: BuildSettings = {
  asOf: isoDate("2026-02-09"),
  timeZone: "UTC",
  currency: "USD",
  weekEndsOn: 7,
  fiscalYearEndMonth: 12,
  costs: {
    categoryMargins: {},
    defaultMargin: 0.45,
    shippingShare: 0.08,
    opsShare: 0.05,
    paymentFeeShare: 0,
    paymentFeeFixed: 0,
  },
  sources: [],
};

/** Relation -> rows; columns that are left out are null. A raw relation takes its payload as an object. */
export type Given = Readonly<Record<string, readonly Row[]>>;

/** A database in which single models can be run on rows given by hand. */
export interface Bench {
  readonly project: Project;
  readonly db: Database;
  /** Types of the columns of every relation. */
  readonly columns: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Makes the relations that `target` needs from `given` and its own ancestors, and gives its rows in order of its grain. */
  rowsOf(target: string, given: Given, settings?: Partial<BuildSettings>): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Opens a bench over `sql/`: parses it and learns the columns of every relation from an empty warehouse. */
export async function openBench(): Promise<Bench> {
  const db = await openDatabase({});
  const project = await readProject(db, diskFiles, SQL_FOLDER);
  await setVariables(db, SETTINGS);
  await createMacros(db, project.macros);
  await loadSeeds(db, { files: diskFiles, sqlFolder: SQL_FOLDER });
  await writeMetaInputs(db, { ws: NO_WORKSPACE, settings: SETTINGS, parts: [] });
  const columns = new Map<string, Readonly<Record<string, string>>>();
  for (const model of project.models) {
    const sql = isStagedPerPart(model) ? await emptySelect(db, { ws: NO_WORKSPACE, project }, model) : model.sql;
    await db.run(`create or replace temp table ${quoteName(model.relation)} as select * from (${sql}) limit 0`);
    columns.set(model.relation, await typesOf(db, quoteName(model.relation)));
  }
  // From here on raw relations are tables with the rows of a case.
  await db.run("drop schema if exists raw cascade");
  await db.run("create schema raw");
  for (const name of [
    "meta.sources",
    "meta.configured",
    "meta.coverage",
    "meta.freshness",
    "meta.category_margins",
    "meta.cost_rates",
  ])
    columns.set(name, await typesOf(db, name));
  const bench = { project, db, columns };
  return {
    ...bench,
    rowsOf: (target, given, settings = {}) => rowsOf(bench, target, { given, settings: { ...SETTINGS, ...settings } }),
    close: () => db.close(),
  };
}

// Without parts nothing of it is touched.
const NO_WORKSPACE = { name: "none", root: "/", id: "", files: diskFiles, at: () => "/" } satisfies Workspace;

async function typesOf(db: Database, relation: string): Promise<Readonly<Record<string, string>>> {
  const rows = await db.all(`select column_name, column_type from (describe ${relation})`);
  return Object.fromEntries(rows.map((row) => [String(row["column_name"]), String(row["column_type"])]));
}

async function rowsOf(
  bench: Pick<Bench, "project" | "db" | "columns">,
  target: string,
  { given, settings }: { readonly given: Given; readonly settings: BuildSettings },
): Promise<readonly Row[]> {
  const { db, project } = bench;
  await setVariables(db, settings);
  await writeMetaInputs(db, { ws: NO_WORKSPACE, settings, parts: [] });
  for (const [name, rows] of Object.entries(given)) await giveRows(bench, name, rows);
  const known = new Set(Object.keys(given));
  for (const model of withAncestors(project.models, [target], known)) {
    if (known.has(model.relation)) continue;
    const name = quoteName(model.relation);
    const raw = isStagedPerPart(model) ? rawStreamOf(model) : undefined;
    if (raw !== undefined && !known.has(`raw.${raw.source}__${raw.stream}`)) await giveRows(bench, model.relation, []);
    else if (model.computed !== null) await createComputed(db, model);
    else await db.run(`create or replace temp table ${name} as ${model.sql}`);
  }
  const grain = project.models.find((model) => model.relation === target)?.grain ?? [];
  const order = grain.length === 0 ? "all" : grain.map(quoteName).join(", ");
  return db.all(`select * from ${quoteName(target)} order by ${order}`);
}

/** Creates a relation with the columns that it really has and the rows given. */
export async function giveRows(
  bench: Pick<Bench, "db" | "columns">,
  name: string,
  rows: readonly Row[],
): Promise<void> {
  const isRaw = name.startsWith("raw.");
  const types = isRaw ? { ...LANDED_COLUMNS, _load: "BIGINT" } : bench.columns.get(name);
  if (types === undefined) throw new Error(`no relation ${name}`);
  const stranger = rows.flatMap((row) => Object.keys(row)).find((column) => !(column in types));
  if (stranger !== undefined) throw new Error(`${name} has no column ${stranger}`);
  const cells = rows.map((row) => ({ ...row, ...(isRaw ? rawCells(row) : {}) }));
  const list = Object.entries(types).map(
    ([column, type]) => `cast(${cellOf(column, type)} as ${type}) as ${quoteName(column)}`,
  );
  const target = name.includes(".") ? name : `temp.${quoteName(name)}`;
  const kind = name.includes(".") ? "table" : "temp table";
  await bench.db.run(
    `create or replace ${kind} ${target} as select ${list.join(", ")} from (select unnest(from_json($1::varchar, '["JSON"]')) as row)`,
    [JSON.stringify(cells)],
  );
}

function cellOf(column: string, type: string): string {
  const isNested = type.includes("(") && !type.startsWith("DECIMAL");
  return `row ${isNested ? "->" : "->>"} '$.${column}'`;
}

function rawCells(row: Row): Readonly<Record<string, Cell>> {
  const payload = row["payload"];
  return {
    _key: row["_key"] ?? "k",
    _slice: row["_slice"] ?? "",
    payload: typeof payload === "string" ? payload : JSON.stringify(payload),
  };
}
