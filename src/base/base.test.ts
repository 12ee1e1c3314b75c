import { createHash, createHmac } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fixedClock, isoInstant, systemClock } from "./clock.js";
import { EXIT, GrowthosError, messageOf, systemCode } from "./errors.js";
import { canonicalJson, hmac256, sha256 } from "./hash.js";
import { isPlainName, isWorkspaceName, nearest, quoteName, quoteText, systemRandom } from "./ids.js";
import { silentLog } from "./log.js";
import { currencyExponent, decimalText } from "./money.js";
import { redact, Secret } from "./secret.js";

describe("errors", () => {
  it("carry code, reason, exit and cause", () => {
    const cause = new Error("deep");
    const error = new GrowthosError({ code: "API_AUTH", what: "refused", why: "HTTP 401", exit: "auth", cause });
    expect([error.code, error.message, error.exitCode, error.cause, error.name]).toEqual([
      "API_AUTH",
      "refused: HTTP 401",
      7,
      cause,
      "GrowthosError",
    ]);
    expect(new GrowthosError({ code: "X", what: "only this", exit: "bug" }).message).toBe("only this");
  });

  it("have an exit code of their own for each kind", () => {
    const codes = Object.values(EXIT).map((exit) => exit.code);
    expect(codes).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130]);
  });

  it("tells the message and the system code of anything that was thrown", () => {
    expect([messageOf(new Error("a")), messageOf("b"), messageOf(null)]).toEqual(["a", "b", "null"]);
    expect([systemCode({ code: "ENOENT" }), systemCode({ code: 7 }), systemCode(null), systemCode("x")]).toEqual([
      "ENOENT",
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("clock", () => {
  it("stands still and moves by sleeping", async () => {
    const clock = fixedClock(1000);
    await clock.sleep(250);
    clock.advance(50);
    expect([clock.now(), clock.elapsed()]).toEqual([1300, 300]);
    await expect(clock.sleep(1, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
  });

  it("the real one wakes up, or rejects when aborted", async () => {
    const before = systemClock.elapsed();
    await systemClock.sleep(1);
    expect(systemClock.elapsed()).toBeGreaterThan(before);
    expect(systemClock.now()).toBeGreaterThan(Date.parse("2025-01-01"));
    const abort = new AbortController();
    const sleeping = systemClock.sleep(60_000, abort.signal);
    abort.abort(new Error("stop"));
    await expect(sleeping).rejects.toThrow("stop");
    expect(isoInstant(0)).toBe("1970-01-01T00:00:00.000Z");
  });
});

describe("hash", () => {
  it("is SHA-256 and HMAC-SHA-256 in hex", () => {
    expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(sha256(new Uint8Array([1]))).toBe(
      createHash("sha256")
        .update(new Uint8Array([1]))
        .digest("hex"),
    );
    expect(hmac256("key", "data")).toBe(createHmac("sha256", "key").update("data").digest("hex"));
  });

  it("writes the same value always as the same JSON", () => {
    expect(canonicalJson({ b: [1, { d: null, c: undefined }], a: "ü\n" })).toBe('{"a":"ü\\n","b":[1,{"d":null}]}');
    expect(canonicalJson([undefined])).toBe("[null]");
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
      { seed: 42 },
    );
  });
});

describe("names", () => {
  it("plain names and workspace names", () => {
    for (const name of ["shopify", "meta_ads", "a", "x-1"]) expect(isPlainName(name), name).toBe(true);
    for (const name of ["", "A", "_x", "a b", "a/b", "..", "é", "x".repeat(64)])
      expect(isPlainName(name), name).toBe(false);
    for (const name of ["shop", "shop-2", "s", "a".repeat(48)]) expect(isWorkspaceName(name), name).toBe(true);
    for (const name of ["con", "lpt9", "-a", "a-", "a_b", "A", "a".repeat(49), "../x"])
      expect(isWorkspaceName(name), name).toBe(false);
  });

  it("quotes SQL names and texts", () => {
    expect(quoteName('a"; drop table t; --')).toBe('"a""; drop table t; --"');
    expect(quoteText("it's")).toBe("'it''s'");
  });

  it("finds the nearest plausible name", () => {
    const known = ["shopify", "meta_ads", "google_ads"];
    expect([nearest("shopfy", known), nearest("MetaAds", known), nearest("stripe", known), nearest("x", [])]).toEqual([
      "shopify",
      "meta_ads",
      undefined,
      undefined,
    ]);
  });

  it("random hex has the length that was asked for", () => {
    expect(systemRandom.hex(8)).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe("money", () => {
  it.each<[number, string, string]>([
    [5990, "USD", "59.90"],
    [5, "USD", "0.05"],
    [-5, "EUR", "-0.05"],
    [0, "USD", "0.00"],
    [1234, "JPY", "1234"],
    [-1, "JPY", "-1"],
    [1234, "KWD", "1.234"],
    [9007199254740991, "USD", "90071992547409.91"],
  ])("%i %s is %s", (minor, currency, text) => {
    expect(decimalText({ minor, currency })).toBe(text);
  });

  it("knows the currencies without two decimals", () => {
    expect(["USD", "JPY", "KWD", "SEK"].map(currencyExponent)).toEqual([2, 0, 3, 2]);
  });
});

describe("secrets", () => {
  it("print as [redacted] wherever they are printed", () => {
    const secret = new Secret("CANARY-1");
    expect(`${secret} ${JSON.stringify({ secret })} ${inspect({ secret })}`).not.toContain("CANARY");
    expect(secret.reveal()).toBe("CANARY-1");
  });

  it("are taken out of texts in every form", () => {
    const secret = new Secret("CANARY/1 2");
    const text = [
      "CANARY/1 2",
      encodeURIComponent("CANARY/1 2"),
      Buffer.from("CANARY/1 2").toString("base64"),
      "rest",
    ].join("|");
    expect(redact(text, [secret, new Secret("rst")])).toBe("[redacted]|[redacted]|[redacted]|rest");
  });
});

describe("the silent log", () => {
  it("says nothing", () => {
    expect([silentLog.debug("a"), silentLog.info("b"), silentLog.warn("c")]).toEqual([undefined, undefined, undefined]);
  });
});
