import { resolve } from "node:path";
import type { Clock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import { Secret } from "../base/secret.js";
import type { SourceConfig, WorkspaceConfig } from "../config/types.js";
import type { Transport } from "../http/types.js";
import type { FilesSourceOptions, FileTask } from "../sync/files.js";
import type { ExportDay, Ga4ExportOptions } from "../sync/ga4-export.js";
import type { ImportSource, SyncOptions, SyncSelection, SyncSource } from "../sync/types.js";
import type { CommandContext } from "./command.js";
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
    imports: await importSources(context, own, { sources: wanted, clock }),
    asOf,
    timeZone: own.shop.timeZone,
    pii: own.pii,
    clock,
    random: context.effects.random,
    log: context.effects.log,
    toolVersion: context.version,
    configHash: own.hash,
    signal: context.effects.signal,
    ...request,
  };
}

async function networkSources(
  context: CommandContext,
  own: WorkspaceConfig,
  sources: readonly SourceConfig[],
): Promise<readonly SyncSource[]> {
  const [{ connectorById }, { readSecrets }] = await Promise.all([
    import("../connectors/index.js"),
    import("../config/sources.js"),
  ]);
  const env = await context.env();
  const { projectRoot } = await context.config();
  const readFile = (path: string) => context.effects.files.readText(resolve(projectRoot, path));
  const found = sources.flatMap((source) => {
    const connector = connectorById(source.id);
    // Rates from a file and an export in a folder are imports.
    if (connector === undefined || fxFileOf(source) !== undefined || exportFolderOf(source) !== undefined) return [];
    const isDemo = source.transport === "demo";
    return [{ source, connector, isDemo, ...readSecrets(connector, isDemo ? {} : env, readFile) }];
  });
  const missing = found.flatMap((one) => (one.isDemo ? [] : one.missing));
  if (missing.length > 0) throw secretsMissing(missing);
  context.effects.secrets.push(...found.flatMap((one) => Object.values(one.secrets)));
  const demo = await demoWorld(own);
  const network = found.every(({ isDemo }) => isDemo) ? demo : await context.effects.transport();
  return found.map(({ source, connector, isDemo, secrets }) => ({
    connector,
    options: source.options,
    secrets: isDemo ? { token: new Secret("the demo asks for none") } : secrets,
    transport: isDemo ? demo : network,
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

async function importSources(
  context: CommandContext,
  own: WorkspaceConfig,
  chosen: { readonly sources: readonly SourceConfig[]; readonly clock: Clock },
): Promise<readonly ImportSource[]> {
  const options = await filesOptionsOf(context, own, chosen);
  const others = [...(await fxSources(context, own, chosen)), ...(await exportSources(context, own, chosen))];
  if (options === null) return others;
  const { filesSource } = await import("../sync/files.js");
  return [filesSource(options), ...others];
}

/** The file of a source of exchange rates; undefined when rates come over the network, or for another source. */
function fxFileOf({ id, options }: SourceConfig): string | undefined {
  const file = id === "fx" ? (options as { readonly file?: unknown } | null)?.file : undefined;
  return typeof file === "string" ? file : undefined;
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

/** The folder of a GA4 export; undefined when BigQuery is asked, or for another source. */
function exportFolderOf({ id, options }: SourceConfig): string | undefined {
  const folder = id === "ga4_events" ? (options as { readonly folder?: unknown } | null)?.folder : undefined;
  return typeof folder === "string" ? folder : undefined;
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
    timeoutMinutes: source.timeoutMinutes,
    clock,
    random: context.effects.random,
    toolVersion: context.version,
    configHash: own.hash,
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
  const { filesOptions } = await import("../connectors/files/options.js");
  const { random, log } = context.effects;
  return {
    ws: await context.workspace(),
    projectRoot: (await context.config()).projectRoot,
    options: filesOptions.parse(source.options),
    shop: { timeZone: own.shop.timeZone, currency: own.shop.currency },
    pii: own.pii,
    timeoutMinutes: source.timeoutMinutes,
    clock: chosen.clock,
    random,
    log,
    toolVersion: context.version,
    configHash: own.hash,
  };
}

function secretsMissing(variables: readonly string[]): GrowthosError {
  return new GrowthosError({
    code: "SECRETS_MISSING",
    what: variables.length === 1 ? "a credential is not set" : `${variables.length} credentials are not set`,
    why: variables.join(", "),
    state: "nothing was read",
    hint: "set them in the environment or in .env beside the config (see .env.example)",
    exit: "auth",
  });
}
