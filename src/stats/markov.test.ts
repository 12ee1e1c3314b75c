import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChannelPath } from "./channel-path.js";
import { markovAttribution } from "./markov.js";

// A failure is the same for everybody.
fc.configureGlobal({ seed: 42 });

const path = (channels: string, conversions: number, journeys: number): ChannelPath => ({
  channels: channels.split(">"),
  conversions,
  journeys,
});

/**
 * Ten journeys: A > B converts in 3 of 3, A ends in 3, B > A converts in 1 of 1, B ends in 3.
 *
 *            to A   to B   order   end
 *   start    6/10   4/10
 *   from A    0     3/7    1/7     3/7      (A is met 7 times: 3 on to B, 1 order, 3 ends)
 *   from B   1/7     0     3/7     3/7      (B is met 7 times: 1 on to A, 3 orders, 3 ends)
 *
 * a = 1/7 + 3/7 b and b = 3/7 + 1/7 a:  a = 8/23, b = 11/23, from the start 6/10 · 8/23 + 4/10 · 11/23 = 9.2/23 = 2/5.
 * Without A only B counts: b = 3/7, 4/10 · 3/7 = 6/35, so A's removal costs 1 - (6/35) / (2/5) = 4/7.
 * Without B: a = 1/7, 6/10 · 1/7 = 3/35, so B's costs 1 - (3/35) / (2/5) = 11/14. Shares: 8/14 and 11/14 of 19/14.
 */
const WORKED = [path("A>B", 3, 3), path("A", 0, 3), path("B>A", 1, 1), path("B", 0, 3)];

describe("markovAttribution", () => {
  it("equals the worked example: matrix, absorption, removal effects, shares", () => {
    const found = markovAttribution(WORKED);
    expect(found.channels).toEqual(["A", "B"]);
    expect(found.start).toEqual([0.6, 0.4]);
    const expected = [
      [0, 3 / 7],
      [1 / 7, 0],
    ];
    found.transitions.forEach((row, from) => {
      row.forEach((probability, to) => {
        expect(probability).toBeCloseTo(expected[from]?.[to] ?? Number.NaN, 12);
      });
    });
    expect(found.conversion).toEqual([1 / 7, 3 / 7]);
    expect(Math.abs(found.conversionProbability - 2 / 5)).toBeLessThan(1e-9);
    expect(Math.abs((found.removalEffects.get("A") ?? 0) - 4 / 7)).toBeLessThan(1e-9);
    expect(Math.abs((found.removalEffects.get("B") ?? 0) - 11 / 14)).toBeLessThan(1e-9);
    expect(Math.abs((found.shares?.get("A") ?? 0) - 8 / 19)).toBeLessThan(1e-9);
    expect(Math.abs((found.shares?.get("B") ?? 0) - 11 / 19)).toBeLessThan(1e-9);
  });

  it("gives the textbook example's effects: C1 > C2 > C3 converts, C1 ends, C2 > C3 ends", () => {
    // From C1 half go on to C2, C2 always to C3, half of C3 convert: 2/3 · 1/2 · 1/2 + 1/3 · 1/2 = 1/3, which is 1 order of 3 journeys.
    // Without C1: 1/3 · 1/2 = 1/6, effect 1/2. Without C2 or C3 nothing converts, effect 1. Shares 1/5, 2/5, 2/5.
    const found = markovAttribution([path("C1>C2>C3", 1, 1), path("C1", 0, 1), path("C2>C3", 0, 1)]);
    expect(found.conversionProbability).toBeCloseTo(1 / 3, 12);
    expect([...found.removalEffects.values()].map((effect) => effect.toFixed(12))).toEqual([
      "0.500000000000",
      "1.000000000000",
      "1.000000000000",
    ]);
    expect(found.shares?.get("C1")).toBeCloseTo(1 / 5, 12);
  });

  it("walks loops: A > A > A converts as often as A does in three visits of which one is the order", () => {
    const found = markovAttribution([path("A>A>A", 1, 1)]);
    expect(found.transitions).toEqual([[2 / 3]]);
    expect(found.conversionProbability).toBeCloseTo(1, 12);
    expect(found.shares?.get("A")).toBe(1);
  });

  it("has no shares when nothing converts, and none for nothing", () => {
    const found = markovAttribution([path("A>B", 0, 4)]);
    expect(found.conversionProbability).toBe(0);
    expect([...found.removalEffects.values()]).toEqual([0, 0]);
    expect(found.shares).toBeNull();
    expect(markovAttribution([]).shares).toBeNull();
    expect(markovAttribution([{ channels: [], conversions: 1, journeys: 1 }]).channels).toEqual([]);
  });
});

const CHANNELS = ["direct", "email", "google", "meta", "organic"];
const anyPath = fc
  .tuple(fc.array(fc.constantFrom(...CHANNELS), { minLength: 1, maxLength: 5 }), fc.nat(20), fc.nat(20))
  .map(([channels, conversions, others]) => ({ channels, conversions, journeys: conversions + others }));
const anyPaths = fc.array(anyPath, { minLength: 1, maxLength: 12 });

describe("for any journeys", () => {
  it("shares add up to 1, no effect is negative or above 1", () => {
    fc.assert(
      fc.property(anyPaths, (paths) => {
        const { removalEffects, shares } = markovAttribution(paths);
        for (const effect of removalEffects.values()) {
          expect(effect).toBeGreaterThanOrEqual(-1e-9);
          expect(effect).toBeLessThanOrEqual(1 + 1e-9);
        }
        const sold = paths.some(({ conversions }) => conversions > 0);
        expect(shares !== null).toBe(sold);
        if (shares !== null) expect([...shares.values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      }),
    );
  });

  it("the chance of an order is that of the journeys themselves when no channel comes twice in a path", () => {
    // Of single-channel journeys the chain is the journeys.
    fc.assert(
      fc.property(anyPaths, (paths) => {
        const single = paths.map((one) => ({ ...one, channels: one.channels.slice(0, 1) }));
        const journeys = single.reduce((sum, one) => sum + one.journeys, 0);
        fc.pre(journeys > 0);
        const rate = single.reduce((sum, one) => sum + one.conversions, 0) / journeys;
        expect(markovAttribution(single).conversionProbability).toBeCloseTo(rate, 9);
      }),
    );
  });

  it("the order of the input changes no digit, and neither do names", () => {
    fc.assert(
      fc.property(anyPaths, (paths) => {
        const found = markovAttribution(paths);
        expect(markovAttribution([...paths].reverse())).toEqual(found);
        const mirror = (channel: string) => CHANNELS[CHANNELS.length - 1 - CHANNELS.indexOf(channel)] ?? "";
        const renamed = markovAttribution(paths.map((one) => ({ ...one, channels: one.channels.map(mirror) })));
        for (const [channel, effect] of found.removalEffects)
          expect(renamed.removalEffects.get(mirror(channel))).toBeCloseTo(effect, 9);
      }),
    );
  });

  it("a channel that no converting journey can pass costs nothing (null player)", () => {
    fc.assert(
      fc.property(anyPaths, fc.integer({ min: 1, max: 30 }), (paths, journeys) => {
        const found = markovAttribution([...paths, { channels: ["idle"], conversions: 0, journeys }]);
        expect(found.removalEffects.get("idle")).toBeCloseTo(0, 9);
      }),
    );
  });
});
