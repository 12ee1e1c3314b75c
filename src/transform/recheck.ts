import type { Files } from "../base/files.js";
import type { Database } from "../warehouse/types.js";
import { checksOf, runChecks } from "./check.js";
import { createMacros } from "./macros.js";
import { setVariables } from "./meta.js";
import { readProject } from "./project.js";
import type { BuildSettings, CheckResult } from "./types.js";

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
