import { join } from "node:path";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import type { Database } from "../warehouse/types.js";
import { orderModels } from "./graph.js";
import { type Macro, readMacros } from "./macros.js";
import { readModel, type SqlFile } from "./model.js";
import { SEED_RELATIONS } from "./seeds.js";
import type { Model } from "./types.js";

/** Everything that `sql/` says, checked and in order. */
export interface Project {
  readonly sqlFolder: string;
  /** Relations, each after what it reads. */
  readonly models: readonly Model[];
  readonly checks: readonly Model[];
  readonly macros: readonly Macro[];
}

/** Reads `sql/`; `db` serves as parser only. Throws what `readModel`, `readMacros` and `orderModels` throw. */
export async function readProject(db: Database, files: Files, sqlFolder: string): Promise<Project> {
  if (files.stat(join(sqlFolder, "macros.sql")) === undefined) throw noSql(sqlFolder);
  const macros = await readMacros(db, files.readText(join(sqlFolder, "macros.sql")));
  const all: Model[] = [];
  for (const file of sqlFiles(files, sqlFolder)) all.push(await readModel(db, file));
  const ordered = orderModels(all, SEED_RELATIONS);
  return {
    sqlFolder,
    models: ordered.filter((model) => model.layer !== "checks"),
    checks: ordered.filter((model) => model.layer === "checks"),
    macros,
  };
}

function sqlFiles(files: Files, sqlFolder: string): readonly SqlFile[] {
  const walk = (folder: string): readonly string[] =>
    files.list(join(sqlFolder, folder)).flatMap((name) => {
      const path = `${folder}/${name}`;
      if (files.stat(join(sqlFolder, path))?.kind === "folder") return walk(path);
      return name.endsWith(".sql") ? [path] : [];
    });
  return ["staging", "intermediate", "marts", "checks"]
    .flatMap(walk)
    .map((path) => ({ path, text: files.readText(join(sqlFolder, path)) }));
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
