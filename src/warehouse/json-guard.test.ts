import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "../testing/workspace.js";
import { checkJson, jsonGuard } from "./json-guard.js";

const code = (text: string | Uint8Array, more = {}) => codeOf(() => checkJson(text, { name: "test", ...more }));
const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

describe("the guard in front of DuckDB's JSON readers", () => {
  it("D05 lets 64 levels pass and no more", async () => {
    expect(await code(nested(64))).toBe("none");
    expect(await code(nested(65))).toBe("JSON_TOO_DEEP");
    expect(await code(`${'{"a":'.repeat(65)}1${"}".repeat(65)}`)).toBe("JSON_TOO_DEEP");
    expect(await code(nested(1_000_000))).toBe("JSON_TOO_DEEP");
  });

  it("does not count brackets inside strings", async () => {
    expect(await code(`"${"[".repeat(100)}"`)).toBe("none");
    expect(await code(`"\\"${"[".repeat(100)}\\\\"`)).toBe("none");
    expect(await code(`"\\\\" ${nested(65)}`)).toBe("JSON_TOO_DEEP");
  });

  it("D06 limits the size of a document, or of each line", async () => {
    expect(await code(`"${"x".repeat(100)}"`, { maxBytes: 50 })).toBe("JSON_TOO_LARGE");
    expect(await code('{"a":1}\n'.repeat(100), { maxBytes: 50, lines: true })).toBe("none");
    expect(await code('{"a":1}\n'.repeat(100), { maxBytes: 50 })).toBe("JSON_TOO_LARGE");
  });

  it("D04 refuses bytes that are not UTF-8", async () => {
    expect(await code(Buffer.from([0x22, 0xff, 0x22]))).toBe("JSON_NOT_UTF8");
    expect(await code(Buffer.from([0x22, 0xc3]))).toBe("JSON_NOT_UTF8");
    expect(await code(Buffer.from("22eda08022", "hex"))).toBe("JSON_NOT_UTF8");
    expect(await code('"日本🙂"')).toBe("none");
  });

  it("D04 tells characters that are cut between chunks from bytes that are none", async () => {
    const feed = (...chunks: readonly string[]) =>
      codeOf(() => {
        const guard = jsonGuard({ name: "test" });
        for (const chunk of chunks) guard.feed(Buffer.from(chunk, "hex"));
        guard.end();
      });
    // A quote, the four bytes of 🙂 in pieces, an ü after it, a quote.
    expect(await feed("22f09f", "99", "82c3", "bc", "22")).toBe("none");
    expect(await feed("22f09f", "22")).toBe("JSON_NOT_UTF8");
    expect(await feed("22c3bc22", "c3")).toBe("JSON_NOT_UTF8");
    expect(await feed("22c3", "bcff22")).toBe("JSON_NOT_UTF8");
    expect(await feed("22", "bc22")).toBe("JSON_NOT_UTF8");
  });

  it("refuses what was cut off, and names the line", async () => {
    expect(await code('{"a":[1')).toBe("JSON_CUT");
    expect(await code('{"a":"x')).toBe("JSON_CUT");
    expect(await code('{"a":1}\n{"a":\n{"a":2}\n', { lines: true })).toBe("JSON_CUT");
    expect(() => checkJson(`{}\n{}\n${nested(65)}`, { name: "f.ndjson", lines: true })).toThrow(
      "f.ndjson cannot be read as JSON: line 3:",
    );
  });

  it("says the same however the bytes are cut into chunks", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.integer({ min: 1, max: 7 }), (value, size) => {
        const bytes = Buffer.from(JSON.stringify(value));
        const guard = jsonGuard({ name: "test" });
        for (let at = 0; at < bytes.length; at += size) guard.feed(bytes.subarray(at, at + size));
        guard.end();
      }),
      { seed: 42, numRuns: 300 },
    );
  });
});
