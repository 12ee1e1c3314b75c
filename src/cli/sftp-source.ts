import type { Clock } from "../base/clock.js";
import { GrowthosError, messageOf } from "../base/errors.js";
import type { Secret } from "../base/secret.js";
import type { SourceConfig, WorkspaceConfig } from "../config/types.js";
import type { SftpSourceContext, SftpTask } from "../sync/sftp.js";
import type { SyncSelection } from "../sync/types.js";
import type { CommandContext } from "./command.js";
import { databaseMemory } from "./database-memory.js";
import type { Finding } from "./finding.js";
import type { ProbeResult } from "./probes.js";
import { workspaceClock } from "./world.js";

/** What reading the SFTP server needs; null when there is none among the sources. Throws `SECRETS_MISSING`, `CREDENTIAL_INVALID`. */
export async function sftpContextOf(
  context: CommandContext,
  own: WorkspaceConfig,
  chosen: { readonly sources: readonly SourceConfig[]; readonly clock: Clock },
): Promise<SftpSourceContext | null> {
  const source = chosen.sources.find(({ id }) => id === "sftp");
  if (source === undefined) return null;
  const [{ sftp }, { checkKey, credentialsOf }] = await Promise.all([
    import("../connectors/sftp/index.js"),
    import("../connectors/sftp/sign-ins.js"),
  ]);
  const secrets = await secretsOf(context, sftp);
  const problem = secrets["keyFile"] === undefined ? undefined : checkKey(secrets["keyFile"].reveal());
  if (problem !== undefined) throw badKey(problem);
  const { random, log } = context.effects;
  return {
    ws: await context.workspace(),
    options: sftp.options.parse(source.options),
    credentials: credentialsOf(secrets),
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

async function secretsOf(
  context: CommandContext,
  sftp: typeof import("../connectors/sftp/index.js").sftp,
): Promise<Readonly<Record<string, Secret>>> {
  const { findCredentials, secretsMissing, workspaceIfThere } = await import("./vault.js");
  const { secrets, missing } = await findCredentials(context, sftp, await workspaceIfThere(context));
  if (missing.length > 0) throw secretsMissing([{ id: sftp.id, missing }]);
  return secrets;
}

function badKey(why: string): GrowthosError {
  return new GrowthosError({
    code: "CREDENTIAL_INVALID",
    what: "SFTP_KEY_FILE cannot be used",
    why,
    state: "nothing was read",
    hint: "give the path (relative to the config) or the whole text of a private key in OpenSSH or PEM form",
    exit: "auth",
  });
}

/** What a sync would do with the files on the server: asks it for its lists. */
export async function plannedSftp(context: CommandContext, selection: SyncSelection): Promise<readonly SftpTask[]> {
  const own = await context.workspaceConfig();
  const sources = own.sources.filter(({ id }) => selection.sources?.includes(id) ?? true);
  const clock = workspaceClock(own, context.effects.clock);
  const sftp = await sftpContextOf(context, own, { sources, clock });
  if (sftp === null) return [];
  const { planSftp } = await import("../sync/sftp.js");
  return planSftp(sftp, context.effects.signal);
}

/** What `doctor` says about the server: is its key pinned, and are the paths there? `secrets` is null when there is nothing to sign in with. */
export async function sftpFindings(
  context: CommandContext,
  { options }: SourceConfig,
  { secrets, isOffline }: { readonly secrets: Readonly<Record<string, Secret>> | null; readonly isOffline: boolean },
): Promise<readonly Finding[]> {
  const { sftp } = await import("../connectors/sftp/index.js");
  if (sftp.options.parse(options).hostKey === undefined) {
    const message = "none is pinned, so nothing is read";
    const fix = "run `growthos sync --source sftp --dry-run`: it says which key the server shows and what to write";
    return [{ check: "sftp host key", status: "fail", message, fix }];
  }
  const asked = isOffline || secrets === null ? [] : await trySftp(context, options, secrets);
  return [
    { check: "sftp host key", status: "ok", message: "pinned" },
    ...asked.map(({ name, ok, message, fix }): Finding => {
      return { check: `sftp ${name}`, status: ok ? "ok" : "fail", message, ...(fix === undefined ? {} : { fix }) };
    }),
  ];
}

/** Signs in to the server and looks for the paths of the config: one answer, good or bad. */
export async function trySftp(
  context: CommandContext,
  options: unknown,
  secrets: Readonly<Record<string, Secret>>,
): Promise<readonly ProbeResult[]> {
  const [{ sftp }, { checkKey, credentialsOf }, { runChecks }, { probeSftp }] = await Promise.all([
    import("../connectors/sftp/index.js"),
    import("../connectors/sftp/sign-ins.js"),
    import("./probes.js"),
    import("../sync/sftp.js"),
  ]);
  const { clock, log } = context.effects;
  const look = async (signal: AbortSignal) => {
    try {
      const problem = secrets["keyFile"] === undefined ? undefined : checkKey(secrets["keyFile"].reveal());
      if (problem !== undefined) throw badKey(problem);
      // Once: a person waits, and the budget of all checks is short.
      const server = {
        options: sftp.options.parse(options),
        credentials: credentialsOf(secrets),
        clock,
        log,
        limits: { tries: 1 },
      };
      const { files, failures } = await probeSftp(server, signal);
      if (failures[0] !== undefined) throw failures[0];
      return { ok: true, message: `signed in; files to look at: ${files}` };
    } catch (thrown) {
      // Its hints are about this server; those of checks are about vendors.
      if (!(thrown instanceof GrowthosError)) throw thrown;
      return { ok: false, message: messageOf(thrown), fix: thrown.parts.hint ?? "" };
    }
  };
  return runChecks(context.effects, [{ name: "server", look }]);
}
