import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "./json.js";

// A failure is the same for everybody.
fc.configureGlobal({ seed: 42 });

describe("parseJson", () => {
  it("gives what JSON.parse gives for every value that a double holds", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        // fast-check may draw -0 and duplicate-free objects only, so the two must agree.
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it("D01 B-46 keeps numbers that a double would change as their text", () => {
    const ids = parseJson(
      '{"id":820982911946154508,"big":9223372036854775808,"safe":9007199254740991,"next":9007199254740993}',
    );
    expect(ids).toEqual({
      id: "820982911946154508",
      big: "9223372036854775808",
      safe: 9007199254740991,
      next: "9007199254740993",
    });
    expect(parseJson("[12345678901234567.89, 0.1, 19.990, 1e3, 1.0E+2, -0.5, 1e400, 0.30000000000000004]")).toEqual([
      "12345678901234567.89",
      0.1,
      19.99,
      1000,
      100,
      -0.5,
      "1e400",
      0.30000000000000004,
    ]);
    expect(parseJson("[10000000000000000, 123456789012345680000]")).toEqual([10000000000000000, 123456789012345680000]);
    expect(parseJson("-820982911946154508")).toBe("-820982911946154508");
  });

  it("refuses duplicate keys and changes no prototype", () => {
    expect(() => parseJson('{"a":1,"a":2}')).toThrow(/"a" appears twice/);
    const value = parseJson('{"__proto__":{"admin":true},"constructor":{"x":1}}') as Record<string, unknown>;
    expect(Object.hasOwn(value, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect((value as { admin?: unknown }).admin).toBeUndefined();
    expect(JSON.stringify(value)).toBe('{"__proto__":{"admin":true},"constructor":{"x":1}}');
  });

  it("refuses depth 65, 100,000 and 1,000,000, and takes 64", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(parseJson(nested(64))).toBeDefined();
    for (const depth of [65, 100_000, 1_000_000])
      expect(() => parseJson(nested(depth))).toThrow(/nested deeper than 64/);
  });

  it("refuses texts and objects that are too large", () => {
    expect(() => parseJson(`"${"x".repeat(101)}"`, { maxTextLength: 100 })).toThrow(/a text longer than 100/);
    const keys = Array.from({ length: 11 }, (_, index) => `"k${index}":0`).join(",");
    expect(() => parseJson(`{${keys}}`, { maxKeys: 10 })).toThrow(/more than 10 keys/);
    expect(() => parseJson(`"${"x".repeat(20 * 1024 * 1024)}"`)).toThrow(/a text longer/);
  });

  it.each([
    "NaN",
    "Infinity",
    "-Infinity",
    "01",
    "+1",
    ".5",
    "1.",
    "'a'",
    "{a:1}",
    "[1,]",
    '{"a":1,}',
    "",
    " ",
    "[1] x",
    '"\t"',
    '"\\x"',
    '"\\u12"',
    "nul",
    "[",
    '{"a"',
    '{"a":',
    '"abc',
  ])("D07 refuses %j", (text) => {
    expect(() => parseJson(text)).toThrow(/not strict JSON/);
  });

  it("names the place of the mistake", () => {
    expect(() => parseJson('{"a": tru}')).toThrow(/at character 7/);
  });
});
