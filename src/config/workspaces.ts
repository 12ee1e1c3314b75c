import { GrowthosError } from "../base/errors.js";
import { nearest } from "../base/ids.js";
import type { Config, WorkspaceConfig } from "./types.js";

/** The workspace of a config that has only one shop at its top level. */
export const DEFAULT_WORKSPACE = "main";

/**
 * The workspace a command works on: the one that is named, else the only one.
 * Throws WORKSPACE_UNKNOWN, and WORKSPACE_AMBIGUOUS when there are several and none is named.
 */
export function pickWorkspace(config: Config, wanted: string | undefined): WorkspaceConfig {
  const names = config.workspaces.map((workspace) => workspace.name);
  if (wanted !== undefined) {
    const found = config.workspaces.find((workspace) => workspace.name === wanted);
    if (found !== undefined) return found;
    const near = nearest(wanted, names);
    throw new GrowthosError({
      code: "WORKSPACE_UNKNOWN",
      what: `there is no workspace "${wanted}" in the config`,
      why: `workspaces: ${names.join(", ")}`,
      hint:
        near === undefined ? "add it under `workspaces` in growthos.config.ts" : `did you mean --workspace ${near}?`,
      exit: "usage",
    });
  }
  const [only, ...others] = config.workspaces;
  if (only !== undefined && others.length === 0) return only;
  throw new GrowthosError({
    code: "WORKSPACE_AMBIGUOUS",
    what: `the config has ${names.length} workspaces, and this command takes one`,
    why: `workspaces: ${names.join(", ")}`,
    hint: `name it: --workspace ${names[0] ?? DEFAULT_WORKSPACE}`,
    exit: "usage",
  });
}
