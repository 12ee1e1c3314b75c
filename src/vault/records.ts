/** The encrypted records of a workspace: `credentials/<source>.json`, one per source, each replaced as a whole. */
import { join } from "node:path";
import { z } from "zod";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { isPlainName, type Random } from "../base/ids.js";
import { Secret } from "../base/secret.js";
import { type Content, isSealedWith, metaOf, openEnvelope, sealEnvelope } from "./envelope.js";
import { replace } from "./key-file.js";
import { allKeys, type KeySet } from "./key-sources.js";
import type { MasterKey } from "./keys.js";

/** Where the records are, without the key to them: enough to list and to remove. */
export interface RecordFolder {
  readonly files: Files;
  /** The workspace's `credentials` folder; need not be there. */
  readonly folder: string;
  readonly workspaceId: string;
}

/** The credentials of one source, and the token that was made with them. */
export interface StoredCredentials {
  /** How it signs in, e.g. `oauth`. */
  readonly method: string;
  /** Instant at which the user connected, ISO 8601 UTC. */
  readonly connectedAt: string;
  readonly members: Readonly<Record<string, Secret>>;
  readonly token: StoredToken | null;
}

/** A token between two runs. */
export interface StoredToken {
  readonly accessToken: Secret;
  /** Milliseconds since 1970 UTC; null: no lifetime is known. */
  readonly expiresAt: number | null;
  /** In the place of the member that the user brought, when the vendor gave a new one. */
  readonly refreshToken: Secret | null;
  /** The refresh token before that, kept for one run. */
  readonly previousRefreshToken: Secret | null;
}

/** The records with their key. */
export interface Vault extends RecordFolder {
  readonly keys: KeySet;
  readonly random: Random;
  /** The present instant, ISO 8601 UTC. */
  readonly now: () => string;
}

const tokenShape = z.strictObject({
  accessToken: z.string(),
  expiresAt: z.number().nullable(),
  refreshToken: z.string().nullable(),
  previousRefreshToken: z.string().nullable(),
});
const contentShape = z.strictObject({
  created: z.string(),
  method: z.string(),
  connectedAt: z.string(),
  members: z.record(z.string(), z.string()),
  token: tokenShape.nullable(),
});

/** One account per source, so far. */
const ACCOUNT = "default";

/** Sources that have a record, sorted. */
export function storedSources({ files, folder }: RecordFolder): readonly string[] {
  return files
    .list(folder)
    .filter((name) => name.endsWith(".json") && isPlainName(name.slice(0, -5)))
    .map((name) => name.slice(0, -5));
}

/** True when the source has a record. */
export function hasRecord(place: RecordFolder, source: string): boolean {
  return storedSources(place).includes(source);
}

/** When a record was last written, and the id of its key; null when it is no record. */
export function recordMeta(place: RecordFolder, source: string): ReturnType<typeof metaOf> {
  return hasRecord(place, source) ? metaOf(place.files.readText(pathOf(place, source))) : null;
}

/** Removes a record; false when there was none. */
export function removeRecord(place: RecordFolder, source: string): boolean {
  const { files, folder } = place;
  if (!hasRecord(place, source)) return false;
  files.remove(pathOf(place, source));
  files.remove(`${pathOf(place, source)}.tmp`);
  files.sync(folder);
  return true;
}

/** The credentials of a source; null when there is no record. Throws `VAULT_CANNOT_DECRYPT`. */
export function readRecord(vault: Vault, source: string): StoredCredentials | null {
  if (!hasRecord(vault, source)) return null;
  const lookup = lookupOf(vault, source);
  const content = openEnvelope(lookup, vault.files.readText(pathOf(vault, source)), allKeys(vault.keys));
  const parsed = contentShape.safeParse(content);
  if (!parsed.success) throw newer(source);
  const { method, connectedAt, members, token } = parsed.data;
  return { method, connectedAt, members: mapped(members, (text) => new Secret(text)), token: token && tokenOf(token) };
}

/** Writes the credentials of a source, durably, over the record that is there; a failure leaves that one as it was. */
export function writeRecord(vault: Vault, source: string, stored: StoredCredentials): void {
  writeContent(vault, source, { key: vault.keys.current, content: contentOf(stored) });
}

/** True when the record was made with this key. */
export function isWrittenWith(vault: Vault, source: string, key: MasterKey): boolean {
  return isSealedWith(vault.files.readText(pathOf(vault, source)), key);
}

/** Writes a record again under another key. Throws `VAULT_CANNOT_DECRYPT` when none of the vault's keys opens it. */
export function rewriteRecord(vault: Vault, source: string, key: MasterKey): void {
  const text = vault.files.readText(pathOf(vault, source));
  const { created: _created, ...content } = openEnvelope(lookupOf(vault, source), text, allKeys(vault.keys));
  writeContent(vault, source, { key, content });
}

function writeContent(
  vault: Vault,
  source: string,
  { key, content }: { readonly key: MasterKey; readonly content: Content },
): void {
  const { files, folder, random } = vault;
  const base64 = (bytes: number) => Buffer.from(random.hex(bytes), "hex").toString("base64url");
  const seal = { key, iv: base64(12), salt: base64(16), created: vault.now() };
  const text = sealEnvelope(lookupOf(vault, source), content, seal);
  files.makeFolder(folder);
  replace(files, pathOf(vault, source), text);
}

function contentOf({ method, connectedAt, members, token }: StoredCredentials): Content {
  const plain = (secret: Secret | null) => secret?.reveal() ?? null;
  return {
    method,
    connectedAt,
    members: mapped(members, (secret) => secret.reveal()),
    token: token && {
      accessToken: token.accessToken.reveal(),
      expiresAt: token.expiresAt,
      refreshToken: plain(token.refreshToken),
      previousRefreshToken: plain(token.previousRefreshToken),
    },
  };
}

function tokenOf(token: z.output<typeof tokenShape>): StoredToken {
  const secret = (text: string | null) => (text === null ? null : new Secret(text));
  return {
    accessToken: new Secret(token.accessToken),
    expiresAt: token.expiresAt,
    refreshToken: secret(token.refreshToken),
    previousRefreshToken: secret(token.previousRefreshToken),
  };
}

function mapped<A, B>(values: Readonly<Record<string, A>>, change: (value: A) => B): Readonly<Record<string, B>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}

function lookupOf({ workspaceId }: RecordFolder, connector: string) {
  return { workspaceId, connector, account: ACCOUNT };
}

function pathOf({ folder }: RecordFolder, source: string): string {
  return join(folder, `${source}.json`);
}

function newer(source: string): GrowthosError {
  return new GrowthosError({
    code: "VAULT_NEWER",
    what: `the stored credentials of ${source} were written by another version of growthos`,
    hint: `update growthos, or store them anew: \`growthos connect ${source}\``,
    exit: "usage",
  });
}
