/** The stored credentials of a workspace, as commands reach them: which key, said once; the lock; environment before record. */
import { join, resolve } from "node:path";
import { isoInstant, systemClock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import { Secret } from "../base/secret.js";
import { readSecrets } from "../config/sources.js";
import type { Connector } from "../connectors/types.js";
import type { TokenStore } from "../http/types.js";
import { createKeys, findKeys, type KeyRequest } from "../vault/key-sources.js";
import { hasRecord, type RecordFolder, readRecord, storedSources, type Vault } from "../vault/records.js";
import { finishRotation } from "../vault/rotate.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext, Effects } from "./command.js";
import { vaultTokens } from "./token-store.js";

/** How long another process may take to renew a token, ms. */
const LOCK_WAIT_MS = 60_000;

/** Where the records of a workspace are, with or without a key. */
export function recordsOf(ws: Workspace): RecordFolder {
  return { files: ws.files, folder: ws.at("credentials"), workspaceId: ws.id };
}

/** The workspace when it is on disk; asking about connections creates none. */
export async function workspaceIfThere(context: CommandContext): Promise<Workspace | null> {
  const [{ projectRoot }, { name }] = await Promise.all([context.config(), context.workspaceConfig()]);
  const isThere = context.effects.files.stat(join(projectRoot, "workspaces", name)) !== undefined;
  return isThere ? context.workspace({ mustExist: true }) : null;
}

/** Runs `action` while no other process writes this workspace's credentials. */
export async function underCredentialsLock<T>(effects: Effects, ws: Workspace, action: () => Promise<T>): Promise<T> {
  const { withCredentialsLock } = await import("../warehouse/lock.js");
  const options = { waitMs: LOCK_WAIT_MS, clock: systemClock, owner: "growthos (credentials)", random: effects.random };
  return withCredentialsLock(ws, options, action);
}

/**
 * The vault of a workspace, or null when there is no key anywhere. Says which key is used, and finishes an interrupted change of key.
 * Throws when a key is configured but unusable.
 */
export async function openVault(context: CommandContext, ws: Workspace): Promise<Vault | null> {
  const { effects, output } = context;
  const request = await keyRequest(context, ws);
  const { keys, notes } = findKeys(request);
  for (const note of notes) output.note(note);
  if (keys === null) return null;
  if (keys.place !== null && keys.next !== null) {
    await underCredentialsLock(effects, ws, async () => {
      const again = findKeys(request).keys;
      if (again !== null) finishRotation(vaultOf(effects, ws, again));
    });
    output.note("finished the change of key that was interrupted");
    return openVault(context, ws);
  }
  if (keys.current.kind === "key") effects.secrets.push(keys.current.text);
  return vaultOf(effects, ws, keys);
}

/**
 * The vault for new records. Throws `KEY_MISSING` at once when there are records and no key; what is returned makes a key, and says so,
 * when the workspace has neither.
 */
export async function vaultForNew(
  context: CommandContext,
  ws: Workspace,
  where: "file" | "keyring",
): Promise<() => Promise<Vault>> {
  const found = await openVault(context, ws);
  if (found !== null) return async () => found;
  const stored = storedSources(recordsOf(ws));
  // A new key beside records of another one would hide that the right one is lost.
  if (stored.length > 0) throw keyMissing(stored);
  return async () => {
    const keys = createKeys(await keyRequest(context, ws), context.effects.random, where);
    context.effects.secrets.push(keys.current.text);
    context.output.warn(
      `made a new key for workspace "${ws.name}" in ${keys.current.from}; keep a copy of it, apart from backups of the data`,
    );
    return vaultOf(context.effects, ws, keys);
  };
}

/** A record of a source, opened. Null when there is none; throws `KEY_MISSING` when there is one and no key. */
export async function openRecord(context: CommandContext, ws: Workspace, source: string) {
  if (!hasRecord(recordsOf(ws), source)) return null;
  const vault = await openVault(context, ws);
  if (vault === null) throw keyMissing([source]);
  const record = readRecord(vault, source);
  if (record !== null) context.effects.secrets.push(...Object.values(record.members));
  return record === null ? null : { vault, record };
}

/** The credentials of a source, and where they come from. */
export interface Found {
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Variables that are not set; empty when nothing is missing. */
  readonly missing: readonly string[];
  readonly from: "environment" | "stored" | "both" | "nowhere";
  /** Where the key came from, when one was needed. */
  readonly key: string | null;
  /** Where tokens are kept; absent when the credentials are not all stored. */
  readonly tokens?: TokenStore;
}

/**
 * The credentials of a source: the environment (and `.env`) first, member by member, then the record of the workspace. The vault is not
 * opened when the environment has everything. What is read is put on the list of secrets.
 */
export async function findCredentials(
  context: CommandContext,
  connector: Pick<Connector, "id" | "signIns">,
  ws: Workspace | null,
): Promise<Found> {
  const env = await context.env();
  const { projectRoot } = await context.config();
  const readFile = (path: string) => readNamed(context.effects, connector.id, resolve(projectRoot, path));
  const own = readSecrets(connector, env, { readFile });
  context.effects.secrets.push(...Object.values(own.secrets));
  if (own.missing.length === 0) return { ...own, from: "environment", key: null };
  const opened = ws === null ? null : await openRecord(context, ws, connector.id);
  if (opened === null || ws === null) return { ...own, from: "nowhere", key: null };
  const both = readSecrets(connector, env, { readFile, stored: opened.record.members });
  const key = opened.vault.keys.current.from;
  if (Object.keys(own.secrets).length > 0) return { ...both, from: "both", key };
  return {
    ...both,
    from: "stored",
    key,
    tokens: tokenStoreFor(context, ws, { vault: opened.vault, source: connector.id }),
  };
}

/** A file that a variable names: most often it is the path that is wrong, not the disk. */
function readNamed({ files }: Effects, source: string, path: string): string {
  if (files.stat(path) !== undefined) return files.readText(path);
  throw new GrowthosError({
    code: "CREDENTIAL_FILE",
    what: `the file with the credentials of ${source} is not there`,
    why: path,
    state: "nothing was read",
    hint: `correct the path in the variable ${source.toUpperCase()}_… (environment or .env), or run \`growthos connect ${source}\` and take the variable away`,
    exit: "auth",
  });
}

/** Where the tokens of a stored connection live between runs. */
export function tokenStoreFor(
  { effects }: CommandContext,
  ws: Workspace,
  { vault, source }: { readonly vault: Vault; readonly source: string },
): TokenStore {
  return vaultTokens({
    vault,
    source,
    learned: (secret) => void effects.secrets.push(secret),
    lock: (action) => underCredentialsLock(effects, ws, action),
  });
}

/** The error for credentials that are neither set nor stored: both remedies. */
export function secretsMissing(
  sources: readonly { readonly id: string; readonly missing: readonly string[] }[],
): GrowthosError {
  const variables = sources.flatMap(({ missing }) => missing);
  const connect = sources.map(({ id }) => `\`growthos connect ${id}\``).join(", ");
  return new GrowthosError({
    code: "SECRETS_MISSING",
    what: variables.length === 1 ? "a credential is missing" : `${variables.length} credentials are missing`,
    why: variables.join(", "),
    state: "nothing was read",
    hint: `run ${connect}; or set ${variables.length === 1 ? "the variable" : "the variables"} in the environment or in .env beside the config`,
    exit: "auth",
  });
}

async function keyRequest(context: CommandContext, ws: Workspace): Promise<KeyRequest> {
  const { effects } = context;
  const env = await context.env();
  const fromFile = env["GROWTHOS_KEY"];
  const written = fromFile === undefined ? null : { text: new Secret(fromFile), from: "GROWTHOS_KEY (.env)" };
  if (written !== null) effects.secrets.push(written.text);
  const { given, next } = effects.keys;
  return { workspaceId: ws.id, files: effects.files, env, ...effects.machine, given: given ?? written, next };
}

function vaultOf(effects: Effects, ws: Workspace, keys: Vault["keys"]): Vault {
  // The real clock also in a demo: this is the date on a record.
  return { ...recordsOf(ws), keys, random: effects.random, now: () => isoInstant(systemClock.now()) };
}

function keyMissing(sources: readonly string[]): GrowthosError {
  return new GrowthosError({
    code: "KEY_MISSING",
    what: `the key to the stored credentials of ${sources.join(", ")} is missing`,
    why: "looked at --key-fd, GROWTHOS_KEY, GROWTHOS_KEY_FILE, the OS keyring and the key file",
    state: "the records are as they were",
    hint: `bring the key back; or store the credentials anew: \`growthos connections remove ${sources[0] ?? ""}\`, then \`growthos connect\``,
    exit: "auth",
  });
}
