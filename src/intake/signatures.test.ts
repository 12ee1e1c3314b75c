import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Secret } from "../base/secret.js";
import { SHOPIER_SCHEME, SHOPIFY_SCHEME, type SignatureScheme, signatureOf, signedBy } from "./signatures.js";

const body = Buffer.from('{"id":9007199254740993}');
const present = new Secret("present secret");
const before = new Secret("secret before");
const NOW = Date.parse("2026-02-09T06:00:00Z");
const ask = (scheme: SignatureScheme, given: string | undefined, secrets = [present, before], now = NOW) =>
  signedBy({ scheme, secrets, given, body, now });
const digest = (key: string, encoding: "hex" | "base64", message: string | Buffer = body) =>
  createHmac("sha256", key).update(message).digest(encoding);

describe("a signature", () => {
  it("is Shopify's in base64, Shopier's in hex, over the raw bytes", () => {
    expect(ask(SHOPIFY_SCHEME, digest("present secret", "base64"))).toBe(0);
    expect(ask(SHOPIER_SCHEME, digest("present secret", "hex"))).toBe(0);
    expect(ask(SHOPIER_SCHEME, digest("present secret", "base64"))).toBeNull();
    expect(ask(SHOPIFY_SCHEME, digest("present secret", "base64", '{"id": 9007199254740993}'))).toBeNull();
  });

  it("W03 is good under both secrets of a rotation, and says under which", () => {
    expect(ask(SHOPIFY_SCHEME, digest("secret before", "base64"))).toBe(1);
    expect(ask(SHOPIFY_SCHEME, digest("secret before", "base64"), [present])).toBeNull();
  });

  it("W01 is refused when it is missing, malformed, cut, too long, empty, padded with junk, or made with no secret", () => {
    const good = digest("present secret", "base64");
    const bad = [
      undefined,
      "",
      "=",
      good.slice(0, -1),
      good.slice(0, 20),
      `${good}=`,
      `${good} `,
      ` ${good}`,
      `${good.slice(0, 10)}!${good.slice(10)}`,
      `${good.slice(0, 10)}\n${good.slice(10)}`,
      `${good}, ${good}`,
      good.toLowerCase(),
      Buffer.alloc(32).toString("base64"),
      Buffer.alloc(0).toString("base64"),
      "x".repeat(5_000),
      "ä".repeat(44),
    ];
    for (const given of bad) expect([given, ask(SHOPIFY_SCHEME, given)]).toEqual([given, null]);
    expect(ask(SHOPIFY_SCHEME, digest("", "base64"), [new Secret("")])).toBeNull();
    const hex = digest("present secret", "hex");
    for (const given of [hex.slice(0, -1), hex.slice(0, -2), `${hex}00`, hex.replace(/.$/, "g"), `0x${hex.slice(2)}`])
      expect([given, ask(SHOPIER_SCHEME, given)]).toEqual([given, null]);
  });

  it("may have a prefix, another algorithm, and a time within a tolerance before the bytes", () => {
    const github = { ...SHOPIER_SCHEME, header: "x-hub-signature-256", prefix: "sha256=" };
    expect(ask(github, `sha256=${digest("present secret", "hex")}`)).toBe(0);
    expect(ask(github, digest("present secret", "hex"))).toBeNull();
    const sha1: SignatureScheme = { ...SHOPIER_SCHEME, algorithm: "sha1" };
    expect(ask(sha1, createHmac("sha1", "present secret").update(body).digest("hex"))).toBe(0);
    const stripe: SignatureScheme = { ...SHOPIER_SCHEME, toleranceSeconds: 300 };
    const at = NOW / 1000 - 299;
    const v1 = digest("present secret", "hex", `${at}.${body.toString()}`);
    expect(ask(stripe, `t=${at},v1=${"0".repeat(64)},v1=${v1},v0=old`)).toBe(0);
    expect(ask(stripe, `t=${at},v1=${v1}`, [present], NOW + 2_000)).toBeNull();
    expect(ask(stripe, `t=${at + 1},v1=${v1}`)).toBeNull();
    expect(ask(stripe, `t=${at},t=${at},v1=${v1}`)).toBeNull();
    expect(ask(stripe, v1)).toBeNull();
    expect(signatureOf(stripe, present, body, at * 1000)).toBe(`t=${at},v1=${v1}`);
    expect(signatureOf(SHOPIFY_SCHEME, present, body, 0)).toBe(digest("present secret", "base64"));
  });
});
