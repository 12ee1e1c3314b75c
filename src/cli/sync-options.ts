import type { Clock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import { Secret } from "../base/secret.js";
import type { SourceConfig, WorkspaceConfig } from "../config/types.js";
import type { Transport } from "../http/types.js";
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
  const missing: string[] = [];
  const open: SyncSource[] = [];
  for (const source of sources) {
    const connector = connectorById(source.id);
    if (connector === undefined) continue;
    const isDemo = source.transport === "demo";
    const found = readSecrets(connector, isDemo ? {} : env);
    if (!isDemo) missing.push(...found.missing);
    open.push({
      connector,
      options: source.options,
      secrets: isDemo ? { token: new Secret("the demo asks for none") } : found.secrets,
      transport: isDemo ? await demo(own) : await context.effects.transport(),
      since: source.since,
      timeoutMinutes: source.timeoutMinutes,
    });
  }
  if (missing.length > 0) throw secretsMissing(missing);
  return open;
}

async function demo(own: WorkspaceConfig): Promise<Transport> {
  if (own.demo === undefined) throw new Error(`workspace ${own.name} has a demo source without a demo world`);
  const { demoTransport } = await import("../demo/transport.js");
  return demoTransport(own.demo);
}

async function importSources(
  context: CommandContext,
  own: WorkspaceConfig,
  chosen: { readonly sources: readonly SourceConfig[]; readonly clock: Clock },
): Promise<readonly ImportSource[]> {
  const files = chosen.sources.find(({ id }) => id === "files");
  if (files === undefined) return [];
  const { filesSource } = await import("../sync/files.js");
  return [filesSource(context, own, files, chosen.clock)];
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
