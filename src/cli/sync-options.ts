import { resolve } from "node:path";
import type { Clock } from "../base/clock.js";
import { Secret } from "../base/secret.js";
import type { SourceConfig, WorkspaceConfig } from "../config/types.js";
import type { Transport } from "../http/types.js";
import type { FilesSourceOptions, FileTask } from "../sync/files.js";
import type { ExportDay, Ga4ExportOptions } from "../sync/ga4-export.js";
import type { ImportSource, SyncOptions, SyncSelection, SyncSource } from "../sync/types.js";
import type { CommandContext } from "./command.js";
import { databaseMemory } from "./database-memory.js";
import { exportFolderOf, fxFileOf, isLocal } from "./local-source.js";
import { sftpContextOf } from "./sftp-source.js";
import { workspaceClock } from "./world.js";

/** What the command line adds to the config. */
export interface SyncRequest {
  readonly selection?: SyncSelection;
  readonly lockWaitMs?: number;
  readonly onProgress?: SyncOptions["onProgress"];
}

/** Everything `runSync` needs, from config, environment and effects. Throws SECRETS_MISSING before anything is read. */
export async function syncOptions(context: CommandContext, request: SyncRequest): Promise<SyncOptions> {
  const own = await context.workspaceConfig();
  const wanted = own.sources.filter(({ id }) => request.selection?.sources?.includes(id) ?? true);
  const clock = workspaceClock(own, context.effects.clock);
  const asOf = await context.asOf();
  return {
    ws: await context.workspace(),
    sources: await networkSources(context, own, wanted),
    imports: await importSources(context, own, { sources: wanted, clock, selection: request.selection ?? {} }),
    asOf,
    timeZone: own.shop.timeZone,
    pii: own.pii,
    clock,
    random: context.effects.random,
    log: context.effects.log,
    toolVersion: context.version,
    configHash: own.hash,
    signal: context.effects.signal,
    memoryLimitMb: own.limits === undefined ? undefined : databaseMemory(context.effects, own).mb,
    ...request,
  };
}

async function networkSources(
  context: CommandContext,
  own: WorkspaceConfig,
  sources: readonly SourceConfig[],
): Promise<readonly SyncSource[]> {
  const [{ connectorById }, { findCredentials, secretsMissing }] = await Promise.all([
    import("../connectors/index.js"),
    import("./vault.js"),
  ]);
  const ws = await context.workspace();
  const found = [];
  for (const source of sources) {
    const connector = connectorById(source.id);
    if (connector === undefined || isLocal(source)) continue;
    const isDemo = source.transport === "demo";
    const credentials = isDemo ? null : await findCredentials(context, connector, ws);
    found.push({ source, connector, credentials });
  }
  const missing = found.flatMap(({ source, credentials }) =>
    credentials === null || credentials.missing.length === 0 ? [] : [{ id: source.id, missing: credentials.missing }],
  );
  if (missing.length > 0) throw secretsMissing(missing);
  for (const { source, credentials } of found) {
    if (credentials === null) continue;
    const { from, key } = credentials;
    context.effects.log.info("credentials", { source: source.id, from, key: key ?? undefined });
  }
  const demo = await demoWorld(own);
  const network = found.every(({ credentials }) => credentials === null) ? demo : await context.effects.transport();
  return found.map(({ source, connector, credentials }) => ({
    connector,
    options: source.options,
    secrets: credentials?.secrets ?? { token: new Secret("the demo asks for none") },
    transport: credentials === null ? demo : network,
    ...(credentials?.tokens === undefined ? {} : { tokens: credentials.tokens }),
    since: source.since,
    timeoutMinutes: source.timeoutMinutes,
    ...(source.contract === undefined ? {} : { contract: source.contract }),
    ...(source.streams === undefined ? {} : { streams: source.streams }),
  }));
}

/** One world for all four platforms; for a shop without a demo, a network that nobody asks. */
async function demoWorld(own: WorkspaceConfig): Promise<Transport> {
  if (own.demo === undefined) return { send: () => Promise.reject(new Error(`${own.name} has no demo world`)) };
  const { demoTransport } = await import("../demo/transport.js");
  return demoTransport(own.demo);
}

/** True for a sync that reads certain days and nothing else: it imports no files. */
export function isOnlyDays({ today, backfill }: SyncSelection): boolean {
  return today === true || backfill !== undefined;
}

async function importSources(
  context: CommandContext,
  own: WorkspaceConfig,
  chosen: Chosen & { readonly selection: SyncSelection },
): Promise<readonly ImportSource[]> {
  // A snapshot of today and a backfill of certain days read nothing else; what was pushed is here already.
  if (isOnlyDays(chosen.selection)) return spoolSources(context, { ...own, demo: undefined });
  const options = await filesOptionsOf(context, own, chosen);
  const others = [
    ...(await spoolSources(context, own)),
    ...(await fxSources(context, own, chosen)),
    ...(await exportSources(context, own, chosen)),
    ...(await sftpSources(context, own, chosen)),
  ];
  if (options === null) return others;
  const { filesSource } = await import("../sync/files.js");
  return [filesSource(options), ...others];
}

/** What was pushed, when somebody may push. */
async function spoolSources(
  context: CommandContext,
  { intake, demo }: WorkspaceConfig,
): Promise<readonly ImportSource[]> {
  if (intake === undefined && demo === undefined) return [];
  const { demoPushedSources, spoolSource } = await import("./intake.js");
  return [
    ...(intake === undefined ? [] : [await spoolSource(context)]),
    ...(demo === undefined ? [] : await demoPushedSources(context, demo)),
  ];
}

interface Chosen {
  readonly sources: readonly SourceConfig[];
  readonly clock: Clock;
}

async function sftpSources(
  context: CommandContext,
  own: WorkspaceConfig,
  chosen: Chosen,
): Promise<readonly ImportSource[]> {
  const sftp = await sftpContextOf(context, own, chosen);
  if (sftp === null) return [];
  const { sftpSource } = await import("../sync/sftp.js");
  return [sftpSource(sftp)];
}

async function fxSources(
  context: CommandContext,
  own: WorkspaceConfig,
  chosen: { readonly sources: readonly SourceConfig[]; readonly clock: Clock },
): Promise<readonly ImportSource[]> {
  const found = chosen.sources.find((source) => fxFileOf(source) !== undefined);
  if (found === undefined) return [];
  const [{ fxFileSource }, { fx }] = await Promise.all([
    import("../sync/fx-file.js"),
    import("../connectors/fx/index.js"),
  ]);
  const { file = "", currencies } = fx.options.parse(found.options);
  return [
    fxFileSource({
      ws: await context.workspace(),
      projectRoot: (await context.config()).projectRoot,
      file,
      currencies,
      timeoutMinutes: found.timeoutMinutes,
      clock: chosen.clock,
      random: context.effects.random,
      toolVersion: context.version,
      configHash: own.hash,
    }),
  ];
}

async function exportSources(...asked: ExportRequest): Promise<readonly ImportSource[]> {
  const options = await exportOptions(...asked);
  if (options === null) return [];
  const { ga4ExportSource } = await import("../sync/ga4-export.js");
  return [ga4ExportSource(options)];
}

type ExportRequest = [
  context: CommandContext,
  own: WorkspaceConfig,
  chosen: { readonly sources: readonly SourceConfig[]; readonly clock: Clock },
];

/** What reading a GA4 export needs; null when there is none among the sources. */
async function exportOptions(...[context, own, { sources, clock }]: ExportRequest): Promise<Ga4ExportOptions | null> {
  const source = sources.find((one) => exportFolderOf(one) !== undefined);
  if (source === undefined) return null;
  return {
    ws: await context.workspace(),
    projectRoot: (await context.config()).projectRoot,
    folder: exportFolderOf(source) ?? "",
    since: source.since,
    asOf: await context.asOf(),
    pii: own.pii,
    timeoutMinutes: source.timeoutMinutes,
    clock,
    random: context.effects.random,
    toolVersion: context.version,
    configHash: own.hash,
    memoryLimitMb: databaseMemory(context.effects, own).mb,
  };
}

/** What a sync would do with the tables of a GA4 export: part of `sync --dry-run`. */
export async function plannedExport(context: CommandContext): Promise<readonly ExportDay[]> {
  const own = await context.workspaceConfig();
  const clock = workspaceClock(own, context.effects.clock);
  const options = await exportOptions(context, own, { sources: own.sources, clock });
  if (options === null) return [];
  const { planExport } = await import("../sync/ga4-export.js");
  return planExport(options).days;
}

/** What a sync would do with the files: the import half of `sync --dry-run`. */
export async function plannedFiles(context: CommandContext): Promise<readonly FileTask[]> {
  const own = await context.workspaceConfig();
  const clock = workspaceClock(own, context.effects.clock);
  const options = await filesOptionsOf(context, own, { sources: own.sources, clock });
  if (options === null) return [];
  const { planFiles } = await import("../sync/files.js");
  return planFiles(options).tasks;
}

/** What importing files needs; null when `files` is not among the sources. */
async function filesOptionsOf(
  context: CommandContext,
  own: WorkspaceConfig,
  chosen: { readonly sources: readonly SourceConfig[]; readonly clock: Clock },
): Promise<FilesSourceOptions | null> {
  const source = chosen.sources.find(({ id }) => id === "files");
  if (source === undefined) return null;
  if (own.demo !== undefined && !context.flags.dryRun) await writeDemoLists(context);
  const { filesOptions } = await import("../connectors/files/options.js");
  const { random, log, files } = context.effects;
  const { projectRoot } = await context.config();
  const options = filesOptions.parse(source.options);
  // A dry run writes no lists: it tells of those that are there.
  const isThere = ({ path }: { readonly path: string }) =>
    own.demo === undefined || !context.flags.dryRun || files.stat(resolve(projectRoot, path)) !== undefined;
  return {
    ws: await context.workspace(),
    projectRoot,
    options: { ...options, imports: options.imports.filter(isThere) },
    shop: { timeZone: own.shop.timeZone, currency: own.shop.currency },
    pii: own.pii,
    timeoutMinutes: source.timeoutMinutes,
    clock: chosen.clock,
    random,
    log,
    toolVersion: context.version,
    configHash: own.hash,
    memoryLimitMb: databaseMemory(context.effects, own).mb,
  };
}

/** A demo's lists of users and locations, as its ERP would have put them down. */
async function writeDemoLists(context: CommandContext): Promise<void> {
  const [ws, { DEMO_LISTS }, { locationsCsv, usersCsv }] = await Promise.all([
    context.workspace(),
    import("../config/demo.js"),
    import("../demo/branches.js"),
  ]);
  const { files } = context.effects;
  files.makeFolder(ws.at(DEMO_LISTS));
  for (const [name, text] of [
    ["users.csv", usersCsv()],
    ["locations.csv", locationsCsv()],
  ] as const) {
    files.write(ws.at(DEMO_LISTS, name), text);
  }
}
