/** Master keys: what they look like, how one is told from another, and how a record's own key comes from them. */
import { hkdfSync, scryptSync } from "node:crypto";
import { GrowthosError } from "../base/errors.js";
import { Secret } from "../base/secret.js";

/** A key, or a passphrase of which one is made per record, and what is said about where it came from. */
export interface MasterKey {
  readonly kind: "key" | "passphrase";
  /** 64 lower-case hex digits, or the passphrase. */
  readonly text: Secret;
  /** For people: `GROWTHOS_KEY`, `the key file <path>` … */
  readonly from: string;
}

/** What a passphrase is made into a key with; stands in the record. */
export interface Kdf {
  readonly n: "scrypt";
  readonly N: number;
  readonly r: 8;
  readonly p: 1;
  /** base64url of 16 bytes. */
  readonly salt: string;
}

/** The stored place that a record is for; its key and its authentication are bound to all three. */
export interface Lookup {
  /** The workspace's id, not its name. */
  readonly workspaceId: string;
  /** Source id. */
  readonly connector: string;
  readonly account: string;
}

const KEY_BYTES = 32;
/** OWASP's level: about half a second and 128 MiB. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1 } as const;
/** Node's own default of 32 MiB refuses any of these. */
const SCRYPT_MEMORY = 320 * 1024 * 1024;

/**
 * A key as it is written into a variable or a file: 64 hex digits or base64 of 32 bytes, nothing else.
 * A weak text is never stretched or hashed into a key: throws `KEY_INVALID`, without quoting it.
 */
export function parseKey(text: string, from: string): MasterKey {
  const trimmed = text.trim();
  const hex = /^[0-9a-fA-F]{64}$/.test(trimmed) ? trimmed.toLowerCase() : hexOfBase64(trimmed);
  if (hex !== undefined) return { kind: "key", text: new Secret(hex), from };
  throw new GrowthosError({
    code: "KEY_INVALID",
    what: `the key from ${from} cannot be used`,
    why: `it has ${trimmed.length} characters; a key is 64 hex digits, or base64 of exactly 32 bytes`,
    state: "no other key was tried, and nothing was changed",
    hint: "make one with `openssl rand -hex 32`, or take the setting away to use the key file",
    exit: "auth",
  });
}

function hexOfBase64(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64");
  return bytes.length === KEY_BYTES && bytes.toString("base64") === text ? bytes.toString("hex") : undefined;
}

/** Parameters for a new record under a passphrase; `salt` is base64url of 16 random bytes. */
export function newKdf(salt: string): Kdf {
  return { n: "scrypt", ...SCRYPT, salt };
}

/** The 32 master bytes; zero them after use. `kdf` must be what the record says, checked for its bounds, and null for a key. */
export function masterBytes(key: MasterKey, kdf: Kdf | null): Buffer {
  if (key.kind === "key" || kdf === null) return Buffer.from(key.text.reveal(), "hex");
  const { N, r, p, salt } = kdf;
  const options = { N, r, p, maxmem: SCRYPT_MEMORY };
  return scryptSync(key.text.reveal(), Buffer.from(salt, "base64url"), KEY_BYTES, options);
}

/** What tells one key from another in a record: 16 hex digits, from which nothing about the key follows. */
export function keyId(master: Uint8Array): string {
  return Buffer.from(hkdfSync("sha256", master, new Uint8Array(16), "growthos/kid/v1", 8)).toString("hex");
}

/** The key of one record: another for each workspace, source and account. */
export function dataKey(master: Uint8Array, { workspaceId, connector, account }: Lookup): Buffer {
  const info = `growthos/cred/v1|${workspaceId}|${connector}|${account}`;
  return Buffer.from(hkdfSync("sha256", master, new Uint8Array(16), info, KEY_BYTES));
}
