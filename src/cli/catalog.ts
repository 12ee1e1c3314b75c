import { GrowthosError } from "../base/errors.js";
import type { Catalog } from "../metrics/catalog/index.js";
import type { CommandContext } from "./command.js";

/** The catalog of the workspace: the shipped metrics and those of its config. */
export async function workspaceCatalog(context: CommandContext): Promise<Catalog> {
  const { ownCatalog } = await import("../metrics/own.js");
  return ownCatalog((await context.workspaceConfig()).metrics ?? []);
}

/** The same where a project is not needed: without one, or with several workspaces and none named, the shipped metrics. */
export async function catalogToList(context: CommandContext): Promise<Catalog> {
  try {
    return await workspaceCatalog(context);
  } catch (thrown) {
    const isNone = thrown instanceof GrowthosError && ["CONFIG_MISSING", "WORKSPACE_AMBIGUOUS"].includes(thrown.code);
    if (!isNone) throw thrown;
    return (await import("../metrics/catalog/index.js")).CATALOG;
  }
}
