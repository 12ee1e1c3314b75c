import { join } from "node:path";
import { dayInZone, type ISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { Config, WorkspaceConfig } from "../config/types.js";
import type { SharedStore, Workspace } from "../warehouse/types.js";
import type { CommandContext, Effects, GlobalFlags, OpenBuild, Output } from "./command.js";
import { databaseMemory } from "./database-memory.js";
import { demoConfig, isDemoFolder } from "./demo-place.js";
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
  const env = once(async () => {
    const [{ readEnv }, { projectRoot, workspaces }] = await Promise.all([import("../config/load.js"), config()]);
    const [only, ...others] = workspaces;
    const name = parts.flags.workspace ?? (others.length === 0 ? only?.name : undefined);
    return readEnv(projectRoot, parts.effects.env, parts.effects.files, name);
  });
  const store = once(async () => {
    const own = await workspaceConfig();
    if (own.store === undefined) return {};
    const { openStore } = await import("./store.js");
    return { store: openStore({ ...parts, env }, own.store) };
  });
  const created = once(async () =>
    createdWorkspace({ ...parts, env }, await config(), { own: await workspaceConfig(), ...(await store()) }),
  );
  // One name per command: what it opens twice is one instance. `recover` removes what a killed reader left.
  const spill = once(async () => `read-${parts.effects.random.hex(6)}`);
  const existing = once(async () => {
    const ws = await existingWorkspace(parts, await config(), await workspaceConfig());
    return { ...ws, ...(await store()) };
  });
  return {
    ...parts,
    config,
    env,
    workspaceConfig,
    workspace: (options) => (options?.mustExist === true ? existing() : created()),
    // Fixed when it is first asked for: a run that goes on over midnight stays one day's run.
    asOf: once(async () => asOfDay(parts, await workspaceConfig())),
    openBuild: async () =>
      openCurrentBuild(await existing(), databaseMemory(parts.effects, await workspaceConfig()).mb, await spill()),
  };
}

/** The config of this folder; where there is none but a demo was made here, the demo's. */
async function loadProject(parts: ContextParts): Promise<Config> {
  const { effects, flags, packageFolder } = parts;
  if (flags.config === undefined && isDemoFolder(effects.files, effects.cwd)) {
    const { hasConfig } = await import("../config/load.js");
    if (!hasConfig(effects.cwd, effects.files)) {
      return demoConfig(await readProject({ ...parts, flags: { ...flags, config: packageFolder } }), effects.cwd);
    }
  }
  return readProject(parts);
}

async function readProject({ effects, flags, packageFolder }: ContextParts): Promise<Config> {
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

/** On an empty disk a workspace that lives in a store is the one that is there, not a new one. */
async function createdWorkspace(
  parts: ContextParts & Pick<CommandContext, "env">,
  { projectRoot }: Config,
  { own, store }: { readonly own: WorkspaceConfig; readonly store?: SharedStore },
): Promise<Workspace> {
  const { createWorkspace, plannedWorkspace } = await import("../warehouse/layout.js");
  const { files, random, log, keepLog } = parts.effects;
  const place = { projectRoot, name: own.name, files, random };
  const isNew = files.stat(join(projectRoot, "workspaces", own.name)) === undefined;
  if (isNew && parts.flags.dryRun && store === undefined) return plannedWorkspace(place);
  const known =
    isNew && store !== undefined ? { known: await (await import("./store.js")).knownWorkspace(parts, store) } : {};
  const ws = await createWorkspace({ ...place, ...known, ...(store === undefined ? {} : { store }) });
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

async function openCurrentBuild(ws: Workspace, memoryLimitMb: number, spill: string): Promise<OpenBuild> {
  const { currentBuild } = await import("../warehouse/publish.js");
  const build = currentBuild(ws);
  if (build === null) throw nothingYet(ws.name);
  const { openDatabase } = await import("../warehouse/duckdb.js");
  const database = await openDatabase({
    path: build.path,
    readOnly: true,
    memoryLimitMb,
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
