import { describe, expect, it } from "vitest";
import type { MixChannel } from "./media-mix.js";
import { suggestSpend } from "./mix-budget.js";
import { broughtBy, type MixCurve } from "./mix-model.js";

interface Told {
  readonly most?: number;
  readonly half?: number;
  readonly today?: number;
  readonly largest?: number;
  /** What other weeks would have shown of `most`. */
  readonly drawn?: readonly number[];
}

/** A channel whose curve is told; where nothing else is said, other weeks would have shown the same. */
function told(id: string, { most = 1000, half = 100, today = 100, largest = 1000, drawn = [most] }: Told): MixChannel {
  const curve: MixCurve = { carryover: 0, half, most };
  const flat = { value: 1, low: 1, high: 1 };
  return {
    ...{ id, status: "ok" },
    estimate: {
      ...{ today, smallest: 0, largest, curve, brings: null, nextUnit: flat, chance: 0.01, line: [], weeks: [] },
      draws: drawn.map((one) => ({ ...curve, most: one })),
    },
  };
}

const refused: MixChannel = {
  ...{ id: "off", status: "refused", refusal: { because: "few_weeks_with_spend", weeks: 1, needed: 26 } },
};

describe("the best split of a spend", () => {
  it("is the one that a search over all splits finds", () => {
    const curves = { a: { most: 1000, half: 100 }, b: { most: 1300, half: 150 }, c: { most: 900, half: 60 } };
    const found = suggestSpend([refused, ...Object.entries(curves).map(([id, curve]) => told(id, curve))]);
    const brings = (spends: readonly number[]) =>
      Object.values(curves).reduce(
        (sum, one, index) => sum + broughtBy({ ...one, carryover: 0 }, spends[index] ?? 0),
        0,
      );
    let best = [0, 0, 0];
    for (let a = 80; a <= 120; a += 0.25)
      for (let b = 80; b <= 120; b += 0.25) {
        const c = 300 - a - b;
        if (c >= 80 && c <= 120 && brings([a, b, c]) > brings(best)) best = [a, b, c];
      }
    if (found.status !== "ok") throw new Error(found.because);
    const split = found.channels.map(({ suggested }) => suggested);
    expect(split.reduce((sum, spend) => sum + spend, 0)).toBeCloseTo(300, 6);
    split.forEach((spend, index) => {
      expect(Math.abs(spend - (best[index] ?? 0))).toBeLessThanOrEqual(0.5);
    });
    expect(brings(split)).toBeGreaterThanOrEqual(brings(best));
    expect(found.change.value).toBeCloseTo(brings(split) - brings([100, 100, 100]), 9);
    expect(found.total).toEqual({ today: 300, suggested: 300 });
  });

  it("moves no channel by more than a fifth", () => {
    const found = suggestSpend([told("a", { most: 9000 }), told("b", {})]);
    // 120 / 220 of 9000 and 80 / 180 of 1000, less half of both.
    expect(found).toMatchObject({
      channels: [
        { id: "a", today: 100, suggested: 120, isAtLargest: false },
        { id: "b", today: 100, suggested: 80, isAtLargest: false },
      ],
      change: { value: expect.closeTo((9000 * 120) / 220 + (1000 * 80) / 180 - 5000, 6) },
    });
  });

  it("goes no further than a channel's largest week, and says so", () => {
    expect(suggestSpend([told("a", { most: 9000, largest: 105 }), told("b", {})])).toMatchObject({
      channels: [
        { id: "a", suggested: 105, isAtLargest: true },
        { id: "b", suggested: expect.closeTo(95, 6), isAtLargest: false },
      ],
    });
  });

  it("splits another total, also of a single channel", () => {
    expect(suggestSpend([told("a", {})], 110)).toMatchObject({
      ...{ status: "ok", total: { today: 100, suggested: 110 } },
      change: { value: expect.closeTo((1000 * 110) / 210 - 500, 6) },
    });
    expect(suggestSpend([told("a", {}), told("b", {})], 160)).toMatchObject({
      channels: [{ suggested: expect.closeTo(80, 6) }, { suggested: expect.closeTo(80, 6) }],
    });
  });
});

describe("no split", () => {
  it("where the change may as well be for the worse", () => {
    // b may be the better one by as much.
    const found = suggestSpend([told("a", { most: 1500, drawn: [1500, 500] }), told("b", { drawn: [1000, 1000] })]);
    expect(found).toMatchObject({ status: "none", because: "crosses_zero" });
    if (!("change" in found)) throw new Error("no change");
    expect(found.change.low).toBeLessThan(0);
    expect(found.change.high).toBeGreaterThan(0);
  });

  it.each([241, 159])("of a total of %d, which the limits of 160 to 240 do not reach", (total) => {
    expect(suggestSpend([told("a", {}), told("b", {})], total)).toEqual({
      ...{ status: "none", because: "out_of_reach", total, least: 160, most: 240 },
    });
  });

  it("of a single channel", () => {
    const one = { status: "none", because: "one_channel" };
    expect(suggestSpend([told("a", {}), refused])).toEqual(one);
    expect(suggestSpend([told("a", {}), told("b", { today: 0 })])).toEqual(one);
  });

  it("where nothing is spent, or nothing is told", () => {
    const nothing = { status: "none", because: "nothing_spent" };
    expect(suggestSpend([told("a", { today: 0 }), told("b", { today: 0 })])).toEqual(nothing);
    expect(suggestSpend([refused], 100)).toEqual(nothing);
  });
});
