import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ColumnKind, PlainValue } from "../../warehouse/sql-values.js";
import { binaryValue, kindOfOid, parameterValue, TYPES, textValue } from "./values.js";

const DAY = 86_400_000_000n;

describe("a value as text", () => {
  const cases: readonly (readonly [ColumnKind, Exclude<PlainValue, null>, string])[] = [
    ["bool", true, "t"],
    ["bool", false, "f"],
    ["int8", 9_223_372_036_854_775_807n, "9223372036854775807"],
    ["numeric", "-1234567890123456789.000100", "-1234567890123456789.000100"],
    ["float8", 0.1, "0.1"],
    ["float8", Number.POSITIVE_INFINITY, "Infinity"],
    ["float8", Number.NaN, "NaN"],
    ["date", 0, "1970-01-01"],
    ["date", 20_493, "2026-02-09"],
    // The leap day of a century that is one of four hundred years, and the day after one that is none.
    ["date", 11_016, "2000-02-29"],
    ["date", -25_508, "1900-03-01"],
    ["date", 2_147_483_647, "infinity"],
    ["date", -2_147_483_647, "-infinity"],
    // Year 1 before Christ is what astronomers call 0.
    ["date", -719_528, "0001-01-01 BC"],
    ["time", 45_296_000_000n, "12:34:56"],
    ["timestamp", 20_493n * DAY + 1n, "2026-02-09 00:00:00.000001"],
    ["timestamptz", 20_493n * DAY + 21_600_500_000n, "2026-02-09 06:00:00.5+00"],
    ["timestamptz", -1n, "1969-12-31 23:59:59.999999+00"],
    ["timestamptz", 9_223_372_036_854_775_807n, "infinity"],
    ["bytea", new Uint8Array([0, 255]), "\\x00ff"],
    ["text", "a\0b", "ab"],
  ];
  it.each(cases)("%s %s", (kind, value, text) => {
    expect(textValue(kind, value)).toBe(text);
  });
});

describe("a value in binary", () => {
  // By hand from PostgreSQL's send functions.
  const cases: readonly (readonly [ColumnKind, Exclude<PlainValue, null>, string])[] = [
    ["bool", true, "01"],
    ["int2", -2, "fffe"],
    ["int4", 1, "00000001"],
    ["int8", -1n, "ffffffffffffffff"],
    ["float8", 1, "3ff0000000000000"],
    // 2000-01-01 is day 0, 2000-01-02 is day 1.
    ["date", 10_957, "00000000"],
    ["date", 10_958, "00000001"],
    ["timestamptz", 10_957n * DAY + 1n, "0000000000000001"],
    // digits, weight, sign, scale; then groups of four: 12|3456.78|00
    ["numeric", "123456.78", "0003000100000002000c0d801e78"],
    ["numeric", "-0.0001", "0001ffff400000040001"],
    ["numeric", "0.00", "0000000000000002"],
    ["numeric", "10000", "00010001000000000001"],
    ["text", "é", "c3a9"],
  ];
  it.each(cases)("%s %s", (kind, value, hex) => {
    expect(binaryValue(kind, value).toString("hex")).toBe(hex);
  });

  it("comes back as it went, whatever it is", () => {
    const decimal = fc
      .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 12 }))
      .map(([whole, scale]) => {
        const digits = String(whole < 0n ? -whole : whole).padStart(scale + 1, "0");
        const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
        return whole < 0n ? `-${text}` : text;
      });
    fc.assert(
      fc.property(decimal, (text) => {
        expect(parameterValue(binaryValue("numeric", text), 1, "numeric")).toBe(text);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.integer({ min: -3_000_000, max: 3_000_000 }), (days) => {
        expect(parameterValue(binaryValue("date", days), 1, "date")).toBe(textValue("date", days));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a parameter", () => {
  it("is a number where it is declared one, and text where it may be anything", () => {
    const text = (value: string, kind: ColumnKind | null) => parameterValue(Buffer.from(value), 0, kind);
    expect(text("42", "int4")).toBe(42n);
    expect(text("9223372036854775808", "int8")).toBe("9223372036854775808");
    expect(text("10.5", "int8")).toBe("10.5");
    expect(text("t", "bool")).toBe(true);
    expect(text("2026-02-09", "date")).toBe("2026-02-09");
    expect(text("x", null)).toBe("x");
    expect(parameterValue(null, 0, "int4")).toBeNull();
  });

  it("is refused when its bytes are none of its type", () => {
    expect(() => parameterValue(Buffer.from([1, 2, 3]), 1, "int4")).toThrow(/no int4/);
    expect(() => parameterValue(Buffer.from("0001000000000000ffff", "hex"), 1, "numeric")).toThrow(/no numeric/);
    expect(() => parameterValue(Buffer.from("zz"), 0, "bytea")).toThrow(/no bytea/);
    expect(() => parameterValue(Buffer.from([0xff]), 0, null)).toThrow(/UTF-8/);
  });

  it("of any bytes gives a value or an error of ours", () => {
    const kinds = Object.keys(TYPES) as ColumnKind[];
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom(...kinds),
        fc.constantFrom(0, 1),
        (bytes, kind, format) => {
          try {
            parameterValue(Buffer.from(bytes), format as 0 | 1, kind);
          } catch (thrown) {
            expect((thrown as Error).name).toBe("PgError");
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("knows the ids that it tells", () => {
    for (const [kind, { oid }] of Object.entries(TYPES)) expect(kindOfOid(oid)).toBe(kind);
    expect(kindOfOid(0)).toBeNull();
  });
});
