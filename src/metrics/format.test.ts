import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatChange, formatValue, missingReason, plainValue } from "./format.js";
import type { Compared, MetricValue, Unit } from "./types.js";

// A failure is the same for everybody.
fc.configureGlobal({ seed: 42 });

const ok = (value: number): MetricValue => ({ status: "ok", value });
const missing: MetricValue = { status: "undefined", because: "zero_denominator", detail: "ad spend is 0" };
const unknown: MetricValue = { status: "unknown", because: "days_missing", detail: "ga4: 2026-02-05" };

describe("formatValue", () => {
  it.each([
    // The goldens of the metric list that this project grew from; money in cents.
    [47.94, "money", "$0.48"],
    [123456, "money", "$1,234.56"],
    [2.456, "multiple", "2.46x"],
    [0.042, "ratio", "4.2%"],
    [0.108, "ratio", "10.8%"],
    [125.8, "count", "126"],
    [123.456, "number", "123.46"],
    // Edges.
    [0, "money", "$0.00"],
    [-0.4, "money", "$0.00"],
    [-123456, "money", "−$1,234.56"],
    [100_000_000_000, "money", "$1,000,000,000.00"],
    [1.005, "number", "1.01"],
    [-0.0004, "ratio", "0.0%"],
    [12345.5, "count", "12,346"],
    [12, "days", "12"],
    [1e-9, "number", "0.00"],
  ] as const)("%d as %s is %s", (value, unit, text) => {
    expect(formatValue(ok(value), unit, "USD")).toBe(text);
  });

  it("knows each currency's own minor unit", () => {
    expect(formatValue(ok(1234567), "money", "JPY")).toBe("¥1,234,567");
    expect(formatValue(ok(1234567), "money", "KWD")).toBe("KWD 1,234.567");
    expect(formatValue(ok(5990), "money", "EUR")).toBe("€59.90");
  });

  it("prints n/a for what is not there, with the reason beside", () => {
    expect(formatValue(missing, "money", "USD")).toBe("n/a");
    expect(formatValue(unknown, "count", "USD")).toBe("n/a");
    expect(missingReason(missing)).toBe("ad spend is 0");
    expect(missingReason(unknown)).toBe("ga4: 2026-02-05");
    expect(missingReason(ok(1))).toBeNull();
  });
});

describe("formatChange", () => {
  const change = (relative: number): Compared => ({ value: ok(1), previous: ok(1), change: ok(relative) });

  it.each([
    [0.19, "+19.0%"],
    [-0.025, "−2.5%"],
    [0, "+0.0%"],
    [-0.0001, "+0.0%"],
    [12.3456, "+1,234.6%"],
  ])("%d is %s", (relative, text) => {
    expect(formatChange(change(relative), "money")).toBe(text);
  });

  it("tells ratios in points", () => {
    expect(formatChange({ value: ok(0.25), previous: ok(0.235), change: ok(0.0638) }, "ratio")).toBe("+1.5 pp");
    expect(formatChange({ value: ok(0), previous: ok(0.02), change: ok(-1) }, "ratio")).toBe("−2.0 pp");
  });

  it("is n/a without two values", () => {
    expect(formatChange({ value: ok(1) }, "count")).toBe("n/a");
    expect(formatChange({ value: ok(1), previous: missing }, "ratio")).toBe("n/a");
    expect(formatChange({ value: ok(5), previous: ok(0), change: missing }, "count")).toBe("n/a");
  });
});

describe("plainValue", () => {
  it("is a number for machines", () => {
    expect(plainValue(ok(123456), "money", "USD")).toBe("1234.56");
    expect(plainValue(ok(-5), "money", "USD")).toBe("-0.05");
    expect(plainValue(ok(6166.666666666667), "money", "USD")).toBe("61.666667");
    expect(plainValue(ok(0.5), "ratio", "USD")).toBe("0.5");
    expect(plainValue(ok(1000), "count", "USD")).toBe("1000");
    expect(plainValue(missing, "money", "USD")).toBe("");
  });

  it("reads back as the value for any whole amount", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (cents) => {
        expect(Math.round(Number(plainValue(ok(cents), "money", "USD")) * 100)).toBe(cents === 0 ? 0 : cents);
      }),
    );
  });
});

describe("any number", () => {
  it("has a text without NaN, exponent or a bare minus", () => {
    const units: readonly Unit[] = ["money", "count", "ratio", "multiple", "days", "number"];
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e14, max: 1e14 }), fc.constantFrom(...units), (value, unit) => {
        expect(formatValue(ok(value), unit, "USD")).toMatch(/^−?[$]?\d{1,3}(,\d{3})*(\.\d+)?[%x]?$/);
      }),
    );
  });
});
