import { describe, expect, it } from "vitest";
import { DISPERSION, ratioErrors, shareErrors } from "./chance.js";

const exactly = (value: number) => ({ value, events: Number.POSITIVE_INFINITY });

describe("standard errors between two figures", () => {
  it("of counts: ln(144 / 100) over the root of 1/144 + 1/100", () => {
    // 0.364643 / 0.130171.
    const errors = ratioErrors({ value: 144, events: 144 }, { value: 100, events: 100 }, DISPERSION.count);
    expect(errors).toBeCloseTo(2.8013, 4);
  });

  it("of a cost per event: as far apart as the counts, the other way", () => {
    const errors = ratioErrors({ value: 1000 / 144, events: 144 }, { value: 10, events: 100 }, DISPERSION.count);
    expect(errors).toBeCloseTo(-2.8013, 4);
  });

  it("of sums of amounts: nearer by the root of two", () => {
    const errors = ratioErrors({ value: 14_400, events: 144 }, { value: 10_000, events: 100 }, DISPERSION.sum);
    expect(errors).toBeCloseTo(2.8013 / Math.SQRT2, 4);
  });

  it("of a figure and a limit: ln(0.5) over the root of 2/50", () => {
    // -0.693147 / 0.2.
    expect(ratioErrors({ value: 0.5, events: 50 }, exactly(1), DISPERSION.sum)).toBeCloseTo(-3.4657, 4);
  });

  it("of shares: 150 of 500 against 200 of 500", () => {
    // Pooled 0.35; -0.1 / sqrt(0.35 × 0.65 × 2 / 500).
    expect(shareErrors({ value: 0.3, events: 500 }, { value: 0.4, events: 500 })).toBeCloseTo(-3.315, 3);
    // Pooled 71 / 90; 0.0921 / sqrt(0.7889 × 0.2111 × (1/38 + 1/52)).
    expect(shareErrors({ value: 32 / 38, events: 38 }, { value: 39 / 52, events: 52 })).toBeCloseTo(1.0575, 4);
  });

  it("of a share and a limit: 0.2 of 100 against 0.5 is 0.3 / 0.05 below", () => {
    expect(shareErrors({ value: 0.2, events: 100 }, exactly(0.5))).toBeCloseTo(-6, 9);
  });

  it("nothing is infinitely far below something, and equal figures are not apart", () => {
    expect(ratioErrors({ value: 0, events: 0 }, exactly(1), DISPERSION.sum)).toBe(Number.NEGATIVE_INFINITY);
    expect(ratioErrors({ value: -5, events: 2 }, { value: 3, events: 4 }, DISPERSION.sum)).toBe(-Infinity);
    expect(ratioErrors({ value: 0, events: 0 }, { value: 0, events: 0 }, DISPERSION.sum)).toBe(0);
    expect(shareErrors({ value: 1, events: 9 }, { value: 1, events: 9 })).toBe(0);
  });
});
