import { join } from "node:path";
import type { Files } from "../base/files.js";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Database, PublishedBuild } from "../warehouse/types.js";
import { checksOf, runChecks } from "./check.js";
import { createMacros, readMacros } from "./macros.js";
import { setVariables } from "./meta.js";
import type { SqlFile } from "./model.js";
import { readProject } from "./project.js";
import type { BuildSettings, CheckResult } from "./types.js";
import { runUserChecks } from "./user-checks.js";

/** Runs the checks of the user's own on a build that is closed. */
export async function checkUsersOwn(
  build: PublishedBuild,
  options: {
    readonly files: Files;
    readonly sqlFolder: string;
    readonly settings: BuildSettings;
    readonly userChecks: readonly SqlFile[];
  },
): Promise<readonly CheckResult[]> {
  if (options.userChecks.length === 0) return [];
  const parser = await openDatabase({ memoryLimitMb: 128, threads: 1 });
  try {
    const macros = await readMacros(parser, options.files.readText(join(options.sqlFolder, "macros.sql")));
    return await runUserChecks({ path: build.path, files: options.userChecks, settings: options.settings, macros });
  } finally {
    await parser.close();
  }
}

/** Runs every check again on a build that is open, with the SQL of today. */
export async function checkBuild(
  db: Database,
  options: { readonly files: Files; readonly sqlFolder: string; readonly settings: BuildSettings },
): Promise<readonly CheckResult[]> {
  const project = await readProject(db, options.files, options.sqlFolder);
  await setVariables(db, options.settings);
  await createMacros(db, project.macros);
  return runChecks(db, checksOf(project.models, project.checks));
}
