/**
 * Credentials at rest: one line of JSON around AES-256-GCM. What is authenticated beside the content (format, key, workspace, source,
 * account) is computed from where the record is looked up, never read from it, so that a record that was moved cannot be opened.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { z } from "zod";
import { GrowthosError } from "../base/errors.js";
import { canonicalJson } from "../base/hash.js";
import { dataKey, type Kdf, keyId, type Lookup, type MasterKey, masterBytes, newKdf } from "./keys.js";

const FORMAT = "growthos-cred";
const VERSION = 1;
const ALGORITHM = "A256GCM";
const IV_BYTES = 12;
const TAG_BYTES = 16;
const MAX_CHARACTERS = 512 * 1024;

/** Exactly so many bytes in base64url without padding, spelt in the one way in which they can be. */
function bytes(count?: number) {
  return z.string().refine((text) => {
    const decoded = Buffer.from(text, "base64url");
    return decoded.toString("base64url") === text && (count === undefined || decoded.length === count);
  });
}

// The cost is bounded before it is paid: a record must not be able to ask for gigabytes.
const kdfShape = z.strictObject({
  n: z.literal("scrypt"),
  N: z.union([z.literal(2 ** 15), z.literal(2 ** 16), z.literal(2 ** 17), z.literal(2 ** 18)]),
  r: z.literal(8),
  p: z.literal(1),
  salt: bytes(16),
});

const envelopeShape = z.strictObject({
  fmt: z.literal(FORMAT),
  v: z.literal(VERSION),
  alg: z.literal(ALGORITHM),
  kid: z.string().regex(/^[0-9a-f]{16}$/),
  kdf: z.nullable(kdfShape),
  iv: bytes(IV_BYTES),
  ct: bytes(),
  tag: bytes(TAG_BYTES),
  meta: z.strictObject({ connector: z.string(), account: z.string(), created: z.string() }),
});

type Envelope = z.output<typeof envelopeShape>;

/** The content of a record; a text stays the text it was. */
export type Content = Readonly<Record<string, unknown>>;

/** What chance and the clock contribute to a record: base64url of 12 and 16 random bytes, and an instant. */
export interface SealWith {
  readonly key: MasterKey;
  readonly iv: string;
  readonly salt: string;
  /** ISO 8601 UTC. */
  readonly created: string;
}

/** The text of a record. Never use an `iv` twice. */
export function sealEnvelope(lookup: Lookup, content: Content, { key, iv, salt, created }: SealWith): string {
  const kdf = key.kind === "passphrase" ? newKdf(salt) : null;
  return withKey({ key, kdf, lookup }, ({ kid, secret, aad }) => {
    const cipher = createCipheriv("aes-256-gcm", secret, Buffer.from(iv, "base64url"), { authTagLength: TAG_BYTES });
    cipher.setAAD(aad);
    // The date stands outside for people; inside, so that it cannot be changed.
    const plain = Buffer.from(canonicalJson({ ...content, created }), "utf8");
    const ct = Buffer.concat([cipher.update(plain), cipher.final()]).toString("base64url");
    plain.fill(0);
    const tag = cipher.getAuthTag().toString("base64url");
    const meta = { connector: lookup.connector, account: lookup.account, created };
    return print({ fmt: FORMAT, v: VERSION, alg: ALGORITHM, kid, kdf, iv, ct, tag, meta });
  });
}

/**
 * The content of a record, opened with whichever of the keys it was made with. Throws `VAULT_CANNOT_DECRYPT` (exit auth) for another key,
 * another place, and any change of any bit, and does not say which: that is nobody's business.
 */
export function openEnvelope(lookup: Lookup, text: string, keys: readonly MasterKey[]): Content {
  const envelope = parseEnvelope(text);
  if (envelope === null) throw cannotDecrypt(lookup, keys);
  for (const key of keys) {
    const content = openWith(lookup, envelope, key);
    if (content !== null) return content;
  }
  throw cannotDecrypt(lookup, keys);
}

/** True when the record was made with this key. False for anything that is no record. */
export function isSealedWith(text: string, key: MasterKey): boolean {
  const envelope = parseEnvelope(text);
  if (envelope === null || (envelope.kdf === null) !== (key.kind === "key")) return false;
  const master = masterBytes(key, envelope.kdf);
  const same = keyId(master) === envelope.kid;
  master.fill(0);
  return same;
}

/** The outside of a record, without opening it; null when it is none. */
export function metaOf(text: string): { readonly created: string; readonly keyId: string } | null {
  const envelope = parseEnvelope(text);
  return envelope === null ? null : { created: envelope.meta.created, keyId: envelope.kid };
}

function openWith(lookup: Lookup, envelope: Envelope, key: MasterKey): Content | null {
  if ((envelope.kdf === null) !== (key.kind === "key")) return null;
  return withKey({ key, kdf: envelope.kdf, lookup }, ({ kid, secret, aad }) => {
    if (kid !== envelope.kid) return null;
    const iv = Buffer.from(envelope.iv, "base64url");
    // Without the length Node takes tags of four bytes.
    const decipher = createDecipheriv("aes-256-gcm", secret, iv, { authTagLength: 16 });
    decipher.setAAD(aad);
    decipher.setAuthTag(Buffer.from(envelope.tag, "base64url"));
    const begun = decipher.update(Buffer.from(envelope.ct, "base64url"));
    const plain = finished(decipher, begun);
    if (plain === null) return null;
    const content = JSON.parse(plain.toString("utf8")) as Content;
    plain.fill(0);
    const { connector, account, created } = envelope.meta;
    const isSame = connector === lookup.connector && account === lookup.account && created === content["created"];
    return isSame ? content : null;
  });
}

/** What `update` gave is worth something only when `final` has agreed to the tag. */
function finished(decipher: ReturnType<typeof createDecipheriv>, begun: Buffer): Buffer | null {
  try {
    return Buffer.concat([begun, decipher.final()]);
  } catch {
    begun.fill(0);
    // The caller says that it cannot be decrypted, and no more than that.
    return null;
  }
}

interface KeyUse {
  readonly kid: string;
  readonly secret: Buffer;
  readonly aad: Buffer;
}

/** Derives what a record needs from the key, and wipes it afterwards. */
function withKey<T>(
  from: { readonly key: MasterKey; readonly kdf: Kdf | null; readonly lookup: Lookup },
  use: (made: KeyUse) => T,
): T {
  const master = masterBytes(from.key, from.kdf);
  const secret = dataKey(master, from.lookup);
  const kid = keyId(master);
  try {
    return use({ kid, secret, aad: aadOf(kid, from.lookup) });
  } finally {
    master.fill(0);
    secret.fill(0);
  }
}

function aadOf(kid: string, { workspaceId, connector, account }: Lookup): Buffer {
  return Buffer.from([FORMAT, VERSION, ALGORITHM, kid, workspaceId, connector, account].join("|"), "utf8");
}

/** Only what `print` would have written: no other spelling of the same record is taken. */
function parseEnvelope(text: string): Envelope | null {
  if (text.length > MAX_CHARACTERS) return null;
  const parsed = envelopeShape.safeParse(parsedJson(text));
  return parsed.success && print(parsed.data) === text ? parsed.data : null;
}

function print({ fmt, v, alg, kid, kdf, iv, ct, tag, meta }: Envelope): string {
  const { connector, account, created } = meta;
  const cost = kdf === null ? null : { n: kdf.n, N: kdf.N, r: kdf.r, p: kdf.p, salt: kdf.salt };
  return `${JSON.stringify({ fmt, v, alg, kid, kdf: cost, iv, ct, tag, meta: { connector, account, created } })}\n`;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: no record, as the caller will say.
    return null;
  }
}

function cannotDecrypt({ connector }: Lookup, keys: readonly MasterKey[]): GrowthosError {
  return new GrowthosError({
    code: "VAULT_CANNOT_DECRYPT",
    what: `the stored credentials of ${connector} cannot be decrypted`,
    why: `tried with ${[...new Set(keys.map(({ from }) => from))].join(", ")}; the key is another one, or the record was changed or moved here`,
    state: "the record is as it was",
    hint: `use the key with which they were stored, or store them anew: \`growthos connect ${connector}\``,
    exit: "auth",
  });
}
