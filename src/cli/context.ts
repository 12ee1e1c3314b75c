import { join } from "node:path";
import { dayInZone, type ISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { Config, WorkspaceConfig } from "../config/types.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext, Effects, GlobalFlags, OpenBuild, Output } from "./command.js";
import { databaseMemoryMb } from "./database-memory.js";
import { ofThisVersion } from "./stamp.js";

/** What a context is made of. */
export interface ContextParts {
  readonly effects: Effects;
  readonly flags: GlobalFlags;
  readonly output: Output;
  readonly packageFolder: string;
  readonly version: string;
  /** Instead of a file: the demo brings its own. */
  readonly config?: () => Promise<Config>;
}

/** The context of one command: everything heavy is loaded when it is first asked for, and only once. */
export function createContext(parts: ContextParts): CommandContext {
  const config = once(parts.config ?? (() => loadProject(parts)));
  const workspaceConfig = once(async () => {
    const { pickWorkspace } = await import("../config/workspaces.js");
    return pickWorkspace(await config(), parts.flags.workspace);
  });
  const created = once(async () => createdWorkspace(parts, await config(), await workspaceConfig()));
  // One name per command: what it opens twice is one instance. `recover` removes what a killed reader left.
  const spill = once(async () => `read-${parts.effects.random.hex(6)}`);
  const existing = once(async () => existingWorkspace(parts, await config(), await workspaceConfig()));
  return {
    ...parts,
    config,
    env: once(async () => {
      const [{ readEnv }, { projectRoot, workspaces }] = await Promise.all([import("../config/load.js"), config()]);
      const [only, ...others] = workspaces;
      const name = parts.flags.workspace ?? (others.length === 0 ? only?.name : undefined);
      return readEnv(projectRoot, parts.effects.env, parts.effects.files, name);
    }),
    workspaceConfig,
    workspace: (options) => (options?.mustExist === true ? existing() : created()),
    // Fixed when it is first asked for: a run that goes on over midnight stays one day's run.
    asOf: once(async () => asOfDay(parts, await workspaceConfig())),
    openBuild: async () => openCurrentBuild(await existing(), parts.effects.memoryMb, await spill()),
  };
}

async function loadProject({ effects, flags, packageFolder }: ContextParts): Promise<Config> {
  const [
    { loadConfig },
    { CONNECTORS },
    { METRICS },
    { ownProblems },
    { filesOptions },
    { sftp },
    { RULE_IDS },
    { NAMED_BLOCKS },
    { SECTION_NAMES },
  ] = await Promise.all([
    import("../config/load.js"),
    import("../connectors/index.js"),
    import("../metrics/catalog/index.js"),
    import("../metrics/own.js"),
    import("../connectors/files/options.js"),
    import("../connectors/sftp/index.js"),
    import("../alerts/settings.js"),
    import("../reports/deck/types.js"),
    import("../reports/deck/layout.js"),
  ]);
  return loadConfig({
    cwd: effects.cwd,
    ...(flags.config === undefined ? {} : { path: flags.config }),
    env: effects.env,
    files: effects.files,
    packageFolder,
    sources: [...CONNECTORS, { id: "files", options: filesOptions }, sftp],
    metrics: METRICS.map((metric) => ({ id: metric.id, isMoney: metric.unit === "money" })),
    alertRules: RULE_IDS,
    deck: { sections: SECTION_NAMES, blocks: NAMED_BLOCKS },
    checkMetrics: ownProblems,
    ...(flags.workspace === undefined ? {} : { workspace: flags.workspace }),
  });
}

async function createdWorkspace(parts: ContextParts, config: Config, own: WorkspaceConfig): Promise<Workspace> {
  const { createWorkspace } = await import("../warehouse/layout.js");
  const { files, random, log, keepLog } = parts.effects;
  const ws = await createWorkspace({ projectRoot: config.projectRoot, name: own.name, files, random });
  log.info("workspace.opened", { workspace: ws.name, version: parts.version });
  keepLog(ws.at("runs"));
  return ws;
}

async function existingWorkspace(parts: ContextParts, config: Config, own: WorkspaceConfig): Promise<Workspace> {
  const { files } = parts.effects;
  if (files.stat(join(config.projectRoot, "workspaces", own.name)) === undefined) throw nothingYet(own.name);
  const { openWorkspace } = await import("../warehouse/layout.js");
  return openWorkspace({ projectRoot: config.projectRoot, name: own.name, files });
}

async function openCurrentBuild(ws: Workspace, memoryMb: number, spill: string): Promise<OpenBuild> {
  const { currentBuild } = await import("../warehouse/publish.js");
  const build = currentBuild(ws);
  if (build === null) throw nothingYet(ws.name);
  const { openDatabase } = await import("../warehouse/duckdb.js");
  const database = await openDatabase({
    path: build.path,
    readOnly: true,
    memoryLimitMb: databaseMemoryMb(memoryMb),
    // Made by DuckDB when a question does not fit into the memory.
    tempFolder: ws.at("staging", spill),
  });
  return { build, database: ofThisVersion(database) };
}

/** The error for a workspace that was never built. */
export function nothingYet(workspace: string): GrowthosError {
  return new GrowthosError({
    code: "NO_BUILD",
    what: `workspace "${workspace}" has no build yet`,
    hint: "run `growthos run` (or `growthos sync` and `growthos build`) first",
    exit: "usage",
  });
}

function asOfDay({ effects, flags }: ContextParts, workspace: WorkspaceConfig): ISODate {
  return flags.asOf ?? workspace.asOf ?? dayInZone(effects.clock.now(), workspace.shop.timeZone);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
