import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  apportion,
  factorEffects,
  mixAndRate,
  priceVolumeMix,
  quotientEffects,
  shareOf,
  splitSegments,
} from "./decompose.js";

// A failure is the same for everybody.
fc.configureGlobal({ seed: 42 });

const segment = (volume0: number, value0: number, volume1: number, value1: number) => ({
  before: { volume: volume0, value: value0 },
  after: { volume: volume1, value: value1 },
});

describe("priceVolumeMix", () => {
  it("splits a change over two channels", () => {
    // Before: 10 orders at 50.00 and 10 at 30.00, average 40.00. After: 12 at 55.00 and 6 at 30.00.
    // volume (18 - 20) x 40 = -80; mix 12 x (50 - 40) + 6 x (30 - 40) = +60; price 12 x (55 - 50) = +60.
    const split = priceVolumeMix([segment(10, 50000, 12, 66000), segment(10, 30000, 6, 18000)]);
    expect(split).toEqual({ volume: -8000, mix: 6000, price: 6000 });
  });

  it("finds no mix in a single segment", () => {
    // 4 orders at 25.00, then 5 at 30.00: volume +25, price 5 x 5 = +25.
    expect(priceVolumeMix([segment(4, 10000, 5, 15000)])).toEqual({ volume: 2500, mix: 0, price: 2500 });
  });

  it("counts a new segment's distance from the average as mix", () => {
    // 10 at 40.00 stay; 5 new ones at 60.00: volume 5 x 40 = +200, mix 5 x (60 - 40) = +100.
    expect(priceVolumeMix([segment(10, 40000, 10, 40000), segment(0, 0, 5, 30000)])).toEqual({
      volume: 20000,
      mix: 10000,
      price: 0,
    });
  });

  it("calls everything volume when there was nothing before, and when nothing is left", () => {
    expect(priceVolumeMix([segment(0, 0, 3, 9000)])).toEqual({ volume: 9000, price: 0, mix: 0 });
    expect(priceVolumeMix([segment(3, 9000, 0, 0)])).toEqual({ volume: -9000, price: 0, mix: 0 });
    expect(priceVolumeMix([])).toEqual({ volume: 0, price: 0, mix: 0 });
  });

  it("always adds up to the cent", () => {
    const count = fc.integer({ min: 0, max: 10_000 });
    const value = fc.integer({ min: -1_000_000, max: 100_000_000 });
    const segments = fc.array(fc.tuple(count, value, count, value).map((numbers) => segment(...numbers)));
    fc.assert(
      fc.property(segments, (list) => {
        const { volume, price, mix } = priceVolumeMix(list);
        const change = list.reduce((all, { before, after }) => all + after.value - before.value, 0);
        expect(volume + price + mix).toBe(change === 0 ? 0 : change);
        expect([volume, price, mix].every(Number.isSafeInteger)).toBe(true);
      }),
    );
  });
});

describe("splitSegments", () => {
  it("tells each segment's part of each effect", () => {
    // The first case above. Segment one: volume 50000 x -2/20 = -5000, mix 12 x 5000 - 50000 x 18/20 = 15000, price 66000 - 60000 = 6000.
    // Segment two: volume 30000 x -2/20 = -3000, mix 6 x 3000 - 30000 x 18/20 = -9000, price 0.
    const { total, segments } = splitSegments([segment(10, 50000, 12, 66000), segment(10, 30000, 6, 18000)]);
    expect(total).toEqual({ volume: -8000, mix: 6000, price: 6000 });
    expect(segments).toEqual([
      { volume: -5000, mix: 15000, price: 6000 },
      { volume: -3000, mix: -9000, price: 0 },
    ]);
  });

  it("adds up to the cent by row and by column, whatever the segments hold", () => {
    const count = fc.integer({ min: 0, max: 10_000 });
    const value = fc.integer({ min: -1_000_000, max: 100_000_000 });
    const segments = fc.array(fc.tuple(count, value, count, value).map((numbers) => segment(...numbers)));
    fc.assert(
      fc.property(segments, (list) => {
        const { total, segments: parts } = splitSegments(list);
        const all = (member: "volume" | "price" | "mix") => parts.reduce((sum, part) => sum + part[member], 0);
        expect([all("volume"), all("price"), all("mix")]).toEqual([total.volume, total.price, total.mix]);
        list.forEach(({ before, after }, index) => {
          const part = parts[index] ?? { volume: 0, price: 0, mix: 0 };
          expect(part.volume + part.price + part.mix - (after.value - before.value)).toBe(0);
        });
      }),
    );
  });

  it("does not depend on the order of the segments", () => {
    const numbers = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 5000 })));
    const segments = fc.array(numbers.map(([a, b, c, d]) => segment(a ?? 1, b ?? 1, c ?? 1, d ?? 1)));
    // Equal segments have no names here: which of two gets the odd cent is no difference.
    const named = (list: readonly ReturnType<typeof segment>[]) =>
      splitSegments(list)
        .segments.map((part, index) => JSON.stringify([list[index], part]))
        .sort();
    fc.assert(
      fc.property(segments, (list) => {
        const turned = [...list.slice(1), ...list.slice(0, 1)].reverse();
        expect(priceVolumeMix(turned)).toEqual(priceVolumeMix(list));
        expect(named(turned)).toEqual(named(list));
      }),
    );
  });

  it("gives zeros for no change", () => {
    const list = [segment(3, 1000, 3, 1000), segment(7, 999, 7, 999)];
    const nothing = { volume: 0, price: 0, mix: 0 };
    expect(splitSegments(list)).toEqual({ total: nothing, segments: [nothing, nothing] });
  });
});

describe("factorEffects", () => {
  it("splits a product of two, worked by hand", () => {
    // 10 x 3 = 30 -> 12 x 5 = 60. First factor 2 x (3 + 5) / 2 = 8, second 2 x (10 + 12) / 2 = 22.
    expect(factorEffects([10, 3], [12, 5])).toEqual([8, 22]);
  });

  it("splits sessions x conversion x order value, worked by hand", () => {
    // 100 x 2 x 10 = 2000 -> 200 x 1 x 10 = 2000: sessions +100 x (2 + 1) / 2 x 10 = 1500, conversion -1 x 150 x 10, value 0.
    const [sessions = 0, conversion = 0, value = 0] = factorEffects([100, 2, 10], [200, 1, 10]);
    expect(sessions).toBeCloseTo(1500, 9);
    expect(conversion).toBeCloseTo(-1500, 9);
    expect(value).toBe(0);
    // Three that move: 1 x 1 x 1 -> 2 x 3 x 4 = 24. First: 1 x (2 x 1 + 2 x 12 + 3 + 4) / 6 = 5.5; second 2 x (2 + 16 + 2 + 4) / 6 = 8;
    // third 3 x (2 + 12 + 2 + 3) / 6 = 9.5.
    expect(factorEffects([1, 1, 1], [2, 3, 4]).map((effect) => Math.round(effect * 1e9) / 1e9)).toEqual([5.5, 8, 9.5]);
  });

  it("knows zeros: what came from nothing is everybody's", () => {
    expect(factorEffects([0, 5], [4, 5])).toEqual([20, 0]);
    expect(factorEffects([0, 0], [4, 5])).toEqual([10, 10]);
  });

  it("adds up, ignores the order of the factors, and gives zeros for no change", () => {
    const value = fc.double({ min: -1000, max: 1000, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 4 }), (pairs) => {
        const [before, after] = [pairs.map(([was]) => was), pairs.map(([, is]) => is)];
        const effects = factorEffects(before, after);
        const change = after.reduce((all, one) => all * one, 1) - before.reduce((all, one) => all * one, 1);
        const scale = 1e-9 * 1000 ** pairs.length;
        expect(Math.abs(effects.reduce((sum, effect) => sum + effect, 0) - change)).toBeLessThanOrEqual(scale);
        const turned = [...factorEffects([...before].reverse(), [...after].reverse())].reverse();
        const distances = turned.map((effect, index) => Math.abs(effect - (effects[index] ?? 0)));
        expect(Math.max(...distances)).toBeLessThanOrEqual(scale);
        expect(factorEffects(before, before)).toEqual(before.map(() => 0));
      }),
    );
  });

  it("refuses more factors than it can order", () => {
    expect(() => factorEffects(Array(7).fill(1), Array(7).fill(2))).toThrow("7 factors are too many");
  });
});

describe("quotientEffects", () => {
  it("splits a rate into numerator and denominator, worked by hand", () => {
    // 10 / 100 -> 12 / 200: numerator 2 x (1/100 + 1/200) / 2 = 0.015, denominator (1/200 - 1/100) x 11 = -0.055; together -0.04.
    const { over, under } = quotientEffects({ over: 10, under: 100 }, { over: 12, under: 200 });
    expect(over).toBeCloseTo(0.015, 12);
    expect(under).toBeCloseTo(-0.055, 12);
  });
});

describe("mixAndRate", () => {
  const quotient = (over0: number, under0: number, over1: number, under1: number) => ({
    before: { over: over0, under: under0 },
    after: { over: over1, under: under1 },
  });

  it("tells a worse mix from worse segments, worked by hand", () => {
    // Rates stay at 10 % and 2 %, weights go from half and half to 1/4 and 3/4: 6 % -> 4 %, all of it mix.
    // Means: whole 5 %; mix -1/4 x (10 - 5) = -1.25 and +1/4 x (2 - 5) = -0.75 points.
    const [one, two] = mixAndRate([quotient(10, 100, 10, 100), quotient(2, 100, 6, 300)]) ?? [];
    expect(one?.mix).toBeCloseTo(-0.0125, 12);
    expect(two?.mix).toBeCloseTo(-0.0075, 12);
    expect(one?.rate).toBeCloseTo(0, 12);
    expect(two?.rate).toBeCloseTo(0, 12);
  });

  it("calls a better rate at the same weights rate", () => {
    const [one, two] = mixAndRate([quotient(10, 100, 20, 100), quotient(2, 100, 2, 100)]) ?? [];
    expect(one?.rate).toBeCloseTo(0.05, 12);
    expect([one?.mix, two?.mix, two?.rate]).toEqual([0, 0, 0]);
  });

  it("takes a segment that comes as mix, and one without any denominator as rate", () => {
    // 10/100 -> (10 + 40) / 200 = 25 %: the new one has 40 %. Numerator alone: 5 more of 200 are 2.5 points.
    const [, fresh] = mixAndRate([quotient(10, 100, 10, 100), quotient(0, 0, 40, 100)]) ?? [];
    expect(fresh?.rate).toBe(0);
    const [, bare] = mixAndRate([quotient(10, 100, 20, 200), quotient(0, 0, 5, 0)]) ?? [];
    expect(bare).toEqual({ mix: 0, rate: 0.025 });
  });

  it("has no answer without a denominator", () => {
    expect(mixAndRate([quotient(1, 0, 1, 5)])).toBeNull();
    expect(mixAndRate([])).toBeNull();
  });

  it("adds up, whatever the order, and gives zeros for no change", () => {
    const count = fc.integer({ min: 0, max: 1000 });
    const list = fc.array(
      fc.tuple(count, count, count, count).map((n) => quotient(...n)),
      { minLength: 1 },
    );
    const all = (parts: readonly { mix: number; rate: number }[]) =>
      parts.reduce((sum, part) => sum + part.mix + part.rate, 0);
    fc.assert(
      fc.property(list, (segments) => {
        const parts = mixAndRate(segments);
        const total = (period: "before" | "after", part: "over" | "under") =>
          segments.reduce((sum, one) => sum + one[period][part], 0);
        if (total("before", "under") === 0 || total("after", "under") === 0) {
          expect(parts).toBeNull();
          return;
        }
        const change =
          total("after", "over") / total("after", "under") - total("before", "over") / total("before", "under");
        expect(all(parts ?? [])).toBeCloseTo(change, 9);
        expect(all(mixAndRate([...segments].reverse()) ?? [])).toBeCloseTo(change, 9);
        const still = mixAndRate(segments.map(({ before }) => ({ before, after: before })));
        for (const part of still ?? []) expect(Math.abs(part.mix) + Math.abs(part.rate)).toBeCloseTo(0, 12);
      }),
    );
  });
});

describe("apportion", () => {
  it("gives what is left to the largest remainders", () => {
    expect(apportion([33.4, 33.3, 33.3], 100)).toEqual([34, 33, 33]);
    expect(apportion([-0.5, 1.5], 1)).toEqual([0, 1]);
    expect(apportion([], 0)).toEqual([]);
  });
});

describe("shareOf", () => {
  it("is a decimal, and null where a share means nothing", () => {
    expect(shareOf(25, 100)).toBe(0.25);
    expect(shareOf(-5, 100)).toBe(-0.05);
    expect(shareOf(5, 0)).toBeNull();
    expect(shareOf(5, -100)).toBeNull();
  });
});
