import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Secret } from "../base/secret.js";
import { codeOf } from "../testing/workspace.js";
import { openEnvelope, sealEnvelope } from "./envelope.js";
import type { Lookup, MasterKey } from "./keys.js";
import { parseKey } from "./keys.js";

interface Vector {
  readonly name: string;
  readonly kind: MasterKey["kind"];
  readonly key: string;
  readonly workspaceId: string;
  readonly connector: string;
  readonly account: string;
  readonly iv: string;
  readonly salt: string;
  readonly created: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly envelope: string;
}

const url = new URL("../../fixtures/vault/vectors.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(url, "utf8")) as { readonly vectors: readonly Vector[] };
const keyOf = ({ kind, key }: Pick<Vector, "kind" | "key">): MasterKey => ({
  kind,
  text: new Secret(key),
  from: "vector",
});
const base64url = (hex: string) => Buffer.from(hex, "hex").toString("base64url");
const KEY = parseKey("0f".repeat(32), "a test");
const PLACE: Lookup = { workspaceId: "ab".repeat(16), connector: "shopify", account: "default" };
const WITH = {
  key: KEY,
  iv: base64url("01".repeat(12)),
  salt: base64url("02".repeat(16)),
  created: "2026-11-27T08:00:00.000Z",
};
const CONTENT = { members: { token: "CANARY-token" } };
const text = sealEnvelope(PLACE, CONTENT, WITH);
const open = (changed: string, place = PLACE, keys: readonly MasterKey[] = [KEY]) =>
  codeOf(() => openEnvelope(place, changed, keys));

/** The envelope as reliability facts describe it, by WebCrypto: shares no code with the vault. */
async function secondImplementation(vector: Vector): Promise<unknown> {
  const { subtle } = globalThis.crypto;
  const record = JSON.parse(vector.envelope) as Record<"iv" | "ct" | "tag" | "kid", string>;
  const from = (name: "iv" | "ct" | "tag") => Buffer.from(record[name], "base64url");
  const master = await subtle.importKey("raw", Buffer.from(vector.key, "hex"), "HKDF", false, [
    "deriveKey",
    "deriveBits",
  ]);
  const hkdf = (info: string) => ({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: Buffer.from(info) });
  const { workspaceId, connector, account } = vector;
  const kid = Buffer.from(await subtle.deriveBits(hkdf("growthos/kid/v1"), master, 64)).toString("hex");
  const info = `growthos/cred/v1|${workspaceId}|${connector}|${account}`;
  const key = await subtle.deriveKey(hkdf(info), master, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  const aad = `growthos-cred|1|A256GCM|${kid}|${workspaceId}|${connector}|${account}`;
  const algorithm = { name: "AES-GCM", iv: from("iv"), additionalData: Buffer.from(aad), tagLength: 128 };
  const plain = await subtle.decrypt(algorithm, key, Buffer.concat([from("ct"), from("tag")]));
  return JSON.parse(Buffer.from(plain).toString("utf8"));
}

describe("the published vectors", () => {
  it.each(vectors)("$name: is made and opened exactly so", (vector) => {
    const { iv, salt, created, content, envelope } = vector;
    const key = keyOf(vector);
    expect(sealEnvelope(vector, content, { key, iv: base64url(iv), salt: base64url(salt), created })).toBe(envelope);
    expect(openEnvelope(vector, envelope, [key])).toEqual({ ...content, created });
  });

  it.each(vectors.filter(({ kind }) => kind === "key"))("$name: a second implementation opens it", async (vector) => {
    expect(await secondImplementation(vector)).toEqual({ ...vector.content, created: vector.created });
  });
});

describe("K01 S02 a record", () => {
  it("opens with its key in its place", () => {
    expect(openEnvelope(PLACE, text, [parseKey("11".repeat(32), "another"), KEY])).toMatchObject(CONTENT);
    expect(text).not.toContain("CANARY");
  });

  it.each([
    ["another key", PLACE, [parseKey("0e".repeat(32), "x")]],
    ["no key", PLACE, []],
    ["a passphrase", PLACE, [{ kind: "passphrase", text: new Secret("0f".repeat(32)), from: "x" } as const]],
    ["another workspace", { ...PLACE, workspaceId: "ac".repeat(16) }, [KEY]],
    ["another source", { ...PLACE, connector: "meta_ads" }, [KEY]],
    ["another account", { ...PLACE, account: "second" }, [KEY]],
  ])("does not open with %s, and the message is the same for all", async (_case, place, keys) => {
    expect(await open(text, place, keys)).toBe("VAULT_CANNOT_DECRYPT");
  });

  it("does not open where its names were changed to fit the new place", async () => {
    const moved = text.replace('"connector":"shopify"', '"connector":"meta_ads"');
    expect(await open(moved, { ...PLACE, connector: "meta_ads" })).toBe("VAULT_CANNOT_DECRYPT");
  });
});

describe("K02 a changed record", () => {
  it("is refused whichever bit was flipped", async () => {
    const bytes = Buffer.from(text, "utf8");
    const taken: number[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if ((await open(changed.toString("latin1"))) !== "VAULT_CANNOT_DECRYPT") taken.push(bit);
    }
    expect(bytes.length).toBeGreaterThan(200);
    expect(taken).toEqual([]);
  });

  it("is refused wherever it was cut", async () => {
    for (let length = 0; length < text.length; length++)
      expect(await open(text.slice(0, length))).toBe("VAULT_CANNOT_DECRYPT");
  });

  const record = JSON.parse(text) as Record<string, unknown>;
  const kdf = { n: "scrypt", N: 2 ** 17, r: 8, p: 1, salt: base64url("02".repeat(16)) };
  const shortTags = [15, 14, 13, 12, 8, 4, 0].map((bytes) => ({
    tag: Buffer.from(String(record["tag"]), "base64url").subarray(0, bytes).toString("base64url"),
  }));
  it.each([
    ...shortTags,
    { alg: "A128GCM" },
    { v: 2 },
    { kid: "0".repeat(16) },
    { kdf },
    { kdf: { ...kdf, N: 2 ** 30 } },
    { more: 1 },
    { iv: `${String(record["iv"])}=` },
  ])("is refused with %j", async (change) => {
    expect(await open(`${JSON.stringify({ ...record, ...change })}\n`)).toBe("VAULT_CANNOT_DECRYPT");
  });

  it.each([2 ** 14, 2 ** 19, 2 ** 30, 2 ** 17 + 1, -1])("with a passphrase never pays for N = %d", async (N) => {
    const key = { kind: "passphrase", text: new Secret("correct horse battery staple"), from: "x" } as const;
    const sealed = vectors.find(({ kind }) => kind === "passphrase");
    const changed = sealed?.envelope.replace('"N":131072', `"N":${N}`) ?? "";
    expect(changed).toContain(String(N));
    expect(
      await open(changed, { ...PLACE, workspaceId: sealed?.workspaceId ?? "", connector: "meta_ads" }, [key]),
    ).toBe("VAULT_CANNOT_DECRYPT");
  });
});

describe("a key", () => {
  it("is 64 hex digits or base64 of 32 bytes", () => {
    const bytes = Buffer.from("0f".repeat(32), "hex");
    for (const good of ["0F".repeat(32), ` ${"0f".repeat(32)}\n`, bytes.toString("base64")])
      expect(parseKey(good, "a test").text.reveal()).toBe("0f".repeat(32));
  });

  it.each([
    "",
    "CANARY-password",
    "0f".repeat(31),
    "0f".repeat(33),
    `${"0f".repeat(31)}0g`,
    Buffer.alloc(31).toString("base64"),
  ])("is refused when it is %j, without being quoted", async (weak) => {
    expect(await codeOf(() => parseKey(weak, "GROWTHOS_KEY"))).toBe("KEY_INVALID");
    try {
      parseKey(weak, "GROWTHOS_KEY");
    } catch (thrown) {
      expect(JSON.stringify(thrown)).not.toContain("CANARY");
    }
  });
});
