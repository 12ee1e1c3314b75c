import { join } from "node:path";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { sha256 } from "../base/hash.js";
import type { Database } from "../warehouse/types.js";
import { orderModels } from "./graph.js";
import { type Macro, readMacros } from "./macros.js";
import { readModel, type SqlFile } from "./model.js";
import { SEED_RELATIONS } from "./seeds.js";
import { parseAhead } from "./statement.js";
import type { Model } from "./types.js";

const MACROS = "macros.sql";

/** Everything that `sql/` says, checked and in order. */
export interface Project {
  readonly sqlFolder: string;
  /** Relations, each after what it reads. */
  readonly models: readonly Model[];
  readonly checks: readonly Model[];
  readonly macros: readonly Macro[];
}

/** Every SQL file of a project, `macros.sql` first. Throws `SQL_MISSING` when the folder holds none. */
export function readSqlFiles(files: Files, sqlFolder: string): readonly SqlFile[] {
  if (files.stat(join(sqlFolder, MACROS)) === undefined) throw noSql(sqlFolder);
  const walk = (folder: string): readonly string[] =>
    files.list(join(sqlFolder, folder)).flatMap((name) => {
      const path = `${folder}/${name}`;
      if (files.stat(join(sqlFolder, path))?.kind === "folder") return walk(path);
      return name.endsWith(".sql") ? [path] : [];
    });
  return [MACROS, ...["staging", "intermediate", "marts", "checks"].flatMap(walk)].map((path) => ({
    path,
    text: files.readText(join(sqlFolder, path)),
  }));
}

/** Reads, parses and checks `sql/`; `db` serves as parser only. Throws what `readModel`, `readMacros` and `orderModels` throw. */
export function readProject(db: Database, files: Files, sqlFolder: string): Promise<Project> {
  return parseProject(sqlFolder, readSqlFiles(files, sqlFolder), (action) => action(db));
}

// A process that builds several workspaces, or builds and checks again, parses the same texts once.
const parsed = new Map<string, Project>();

/** The same from files that were read before, by a parser that is opened when they are new. */
export async function parseProject(
  sqlFolder: string,
  sources: readonly SqlFile[],
  parse: <T>(action: (db: Database) => Promise<T>) => Promise<T>,
): Promise<Project> {
  const key = sha256(JSON.stringify([sqlFolder, sources]));
  const project = parsed.get(key) ?? (await parse((db) => parseAll(db, sqlFolder, sources)));
  parsed.set(key, project);
  return project;
}

async function parseAll(db: Database, sqlFolder: string, sources: readonly SqlFile[]): Promise<Project> {
  const macros = await readMacros(db, sources.find((file) => file.path === MACROS)?.text ?? "");
  const files = sources.filter(({ path }) => path !== MACROS);
  await parseAhead(
    db,
    files.map(({ text }) => text),
  );
  const all: Model[] = [];
  for (const file of files) all.push(await readModel(db, file));
  const ordered = orderModels(all, SEED_RELATIONS);
  return {
    sqlFolder,
    models: ordered.filter((model) => model.layer !== "checks"),
    checks: ordered.filter((model) => model.layer === "checks"),
    macros,
  };
}

function noSql(sqlFolder: string): GrowthosError {
  return new GrowthosError({
    code: "SQL_MISSING",
    what: `there is no macros.sql in ${sqlFolder}`,
    why: "the SQL of growthos is part of the package",
    hint: "install the package again",
    exit: "bug",
  });
}
