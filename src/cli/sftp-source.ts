import { resolve } from "node:path";
import type { Clock } from "../base/clock.js";
import { GrowthosError, messageOf } from "../base/errors.js";
import type { Secret } from "../base/secret.js";
import type { SourceConfig, WorkspaceConfig } from "../config/types.js";
import type { SftpSourceContext, SftpTask } from "../sync/sftp.js";
import type { SyncSelection } from "../sync/types.js";
import type { CommandContext } from "./command.js";
import type { Finding } from "./finding.js";
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
  };
}

async function secretsOf(
  context: CommandContext,
  sftp: typeof import("../connectors/sftp/index.js").sftp,
): Promise<Readonly<Record<string, Secret>>> {
  const { readSecrets } = await import("../config/sources.js");
  const { projectRoot } = await context.config();
  const readKey = (path: string) => {
    try {
      return context.effects.files.readText(resolve(projectRoot, path));
    } catch (thrown) {
      throw badKey(messageOf(thrown));
    }
  };
  const { secrets, missing } = readSecrets(sftp, await context.env(), { readFile: readKey });
  if (missing.length > 0) throw notSet(missing);
  context.effects.secrets.push(...Object.values(secrets));
  return secrets;
}

function notSet(missing: readonly string[]): GrowthosError {
  return new GrowthosError({
    code: "SECRETS_MISSING",
    what: "the credentials of the SFTP server are not set",
    why: `${missing.join(", ")} (or SFTP_PASSWORD)`,
    state: "nothing was read",
    hint: "set SFTP_KEY_FILE to the path of a private key, or SFTP_PASSWORD, in the environment or in .env beside the config",
    exit: "auth",
  });
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
  const sftp = isOnlyDays(selection) ? null : await sftpContextOf(context, own, { sources, clock });
  if (sftp === null) return [];
  const { planSftp } = await import("../sync/sftp.js");
  return planSftp(sftp, context.effects.signal);
}

/** What `doctor` says about the source: are the credentials set, is the server's key pinned, and are the paths there? */
export async function sftpFindings(
  context: CommandContext,
  { options }: SourceConfig,
  isOffline: boolean,
): Promise<readonly Finding[]> {
  const [{ sftp }, { wantedVariables, readSecrets }] = await Promise.all([
    import("../connectors/sftp/index.js"),
    import("../config/sources.js"),
  ]);
  const env = await context.env();
  const { missing } = readSecrets(sftp, env, { readFile: (path) => path });
  const isPinned = sftp.options.parse(options).hostKey !== undefined;
  const asked = isOffline || !isPinned || missing.length > 0 ? [] : await serverFindings(context, options);
  return [
    missing.length === 0
      ? { check: "sftp credentials", status: "ok", message: `${wantedVariables(sftp, env).join(", ")} set` }
      : {
          check: "sftp credentials",
          status: "fail",
          message: "neither SFTP_KEY_FILE nor SFTP_PASSWORD is set",
          fix: "set one of them in the environment or in .env",
        },
    isPinned
      ? { check: "sftp host key", status: "ok", message: "pinned" }
      : {
          check: "sftp host key",
          status: "fail",
          message: "none is pinned, so nothing is read",
          fix: "run `growthos sync --source sftp --dry-run`: it says which key the server shows and what to write",
        },
    ...asked,
  ];
}

async function serverFindings(context: CommandContext, options: unknown): Promise<readonly Finding[]> {
  const [{ sftp }, { credentialsOf }, { runChecks }, { probeSftp }] = await Promise.all([
    import("../connectors/sftp/index.js"),
    import("../connectors/sftp/sign-ins.js"),
    import("./probes.js"),
    import("../sync/sftp.js"),
  ]);
  const { clock, log } = context.effects;
  const look = async (signal: AbortSignal) => {
    try {
      const credentials = credentialsOf(await secretsOf(context, sftp));
      // Once: a person waits, and the budget of all checks is short.
      const server = { options: sftp.options.parse(options), credentials, clock, log, limits: { tries: 1 } };
      const { files, failures } = await probeSftp(server, signal);
      if (failures[0] !== undefined) throw failures[0];
      return { ok: true, message: `signed in; files to look at: ${files}` };
    } catch (thrown) {
      // Its hints are about this server; those of checks are about vendors.
      if (!(thrown instanceof GrowthosError)) throw thrown;
      return { ok: false, message: messageOf(thrown), fix: thrown.parts.hint ?? "" };
    }
  };
  const results = await runChecks(context.effects, [{ name: "sftp server", look }]);
  return results.map(({ name, ok, message, fix }) => ({
    check: name,
    status: ok ? "ok" : "fail",
    message,
    ...(fix === undefined ? {} : { fix }),
  }));
}

/** A sync that reads certain days and nothing else leaves the server alone. */
export function isOnlyDays({ today, backfill }: SyncSelection): boolean {
  return today === true || backfill !== undefined;
}
