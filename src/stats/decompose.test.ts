import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apportion, priceVolumeMix, shareOf, splitSegments } from "./decompose.js";

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

  it("does not depend on the order of the segments, but for the last cent", () => {
    const numbers = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 1, max: 5000 })));
    fc.assert(
      fc.property(fc.array(numbers.map(([a, b, c, d]) => segment(a ?? 1, b ?? 1, c ?? 1, d ?? 1))), (list) => {
        const [one, other] = [priceVolumeMix(list), priceVolumeMix([...list].reverse())];
        expect(Math.abs(one.volume - other.volume)).toBeLessThanOrEqual(1);
        expect(Math.abs(one.mix - other.mix)).toBeLessThanOrEqual(1);
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
