import { join, resolve } from "node:path";
import { GrowthosError } from "../base/errors.js";
import type { SqlFile } from "../transform/model.js";
import type { CommandContext } from "./command.js";

/** Where people put checks of their own when the config names no other folder, relative to the project. */
export const OWN_CHECKS = join("sql", "checks");

/**
 * The checks of the user's own: `.sql` files of the folder that the config names, else of `sql/checks` when it is there.
 * Throws `CHECKS_FOLDER_MISSING` (exit usage) for a named folder that is not there.
 */
export async function ownChecks(context: CommandContext): Promise<readonly SqlFile[]> {
  const { files } = context.effects;
  const { projectRoot } = await context.config();
  const { checksFolder } = await context.workspaceConfig();
  const folder = resolve(projectRoot, checksFolder ?? OWN_CHECKS);
  // In the repository of growthos itself the folder of that name holds the checks of the package.
  if (folder === resolve(context.packageFolder, OWN_CHECKS)) return [];
  const isThere = files.stat(folder)?.kind === "folder";
  if (!isThere && checksFolder === undefined) return [];
  if (!isThere)
    throw new GrowthosError({
      code: "CHECKS_FOLDER_MISSING",
      what: `there is no folder ${folder}`,
      why: "the config names it as `checks.folder`",
      hint: "make it, or correct the path; it is relative to the config file",
      exit: "usage",
    });
  const { readUserChecks } = await import("../transform/user-checks.js");
  return readUserChecks(files, folder);
}
