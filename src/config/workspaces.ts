import { GrowthosError } from "../base/errors.js";
import { nearest } from "../base/ids.js";
import type { Config, WorkspaceConfig } from "./types.js";

/** The workspace of a config that has only one shop at its top level. */
export const DEFAULT_WORKSPACE = "main";

/** Every name that the config knows, in its order; also of workspaces that cannot be used. */
export function workspaceNames({ workspaces, clients }: Config): readonly string[] {
  const files = (clients?.files ?? []).map(({ name }) => name);
  const own = workspaces.map(({ name }) => name).filter((name) => !files.includes(name));
  return [...own, ...files];
}

/**
 * The workspace a command works on: the one that is named, else the only one.
 * Throws WORKSPACE_UNKNOWN, WORKSPACE_AMBIGUOUS when there are several and none is named, WORKSPACE_NONE, or what is wrong with its file.
 */
export function pickWorkspace(config: Config, wanted: string | undefined): WorkspaceConfig {
  const names = workspaceNames(config);
  const [only, ...others] = names;
  if (only === undefined) throw noWorkspace(config);
  const name = wanted ?? (others.length === 0 ? only : undefined);
  if (name === undefined) {
    throw new GrowthosError({
      code: "WORKSPACE_AMBIGUOUS",
      what: `the config has ${names.length} workspaces, and this command takes one`,
      why: `workspaces: ${listed(names)}`,
      hint: `name it: --workspace ${only}; or \`growthos workspaces run --all\``,
      exit: "usage",
    });
  }
  const found = config.workspaces.find((workspace) => workspace.name === name);
  if (found !== undefined) return found;
  throw config.clients?.files.find((client) => client.name === name)?.error ?? unknownWorkspace(config, name);
}

/** The error for a name that the config does not have. */
export function unknownWorkspace(config: Config, wanted: string): GrowthosError {
  const names = workspaceNames(config);
  const near = nearest(wanted, names);
  const add =
    config.clients === undefined
      ? "add it under `workspaces` in growthos.config.ts"
      : "`growthos workspaces add` adds one";
  return new GrowthosError({
    code: "WORKSPACE_UNKNOWN",
    what: `there is no workspace ${JSON.stringify(wanted.slice(0, 80))} in the config`,
    why: `workspaces: ${listed(names)}`,
    hint: near === undefined ? add : `did you mean --workspace ${near}?`,
    exit: "usage",
  });
}

/** More names than these are no help in a message. */
const MOST_NAMES = 20;

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** The error for a config in which nothing is yet. */
export function noWorkspace({ clients }: Config): GrowthosError {
  return new GrowthosError({
    code: "WORKSPACE_NONE",
    what: "there is no workspace yet",
    why: `${clients?.folder ?? "the config"} has no <name>.json`,
    hint: 'add the first: growthos workspaces add acme --shop "Acme" --currency USD --time-zone America/New_York',
    exit: "usage",
  });
}
