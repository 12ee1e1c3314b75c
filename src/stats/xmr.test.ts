import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { limitsOf, limitsOfAny, movingRanges, signalAt, signalsOf, type XmrOptions } from "./xmr.js";

const MEAN: XmrOptions = { limits: "mean", clampAtZero: false };
const MEDIAN: XmrOptions = { limits: "median", clampAtZero: false };

/** Wheeler, Making Sense of Data, page 382; limits as xmrit prints them. */
const WHEELER = [
  5045, 4350, 4350, 3975, 4290, 4430, 4485, 4285, 3980, 3925, 3645, 3760, 3300, 3685, 3463, 5200,
] as const;

describe("published limits", () => {
  it("Wheeler, page 382: 4135.5, range 355.93, limits 3188.72 and 5082.28, range limit 1163.19", () => {
    const limits = limitsOfAny(WHEELER, MEAN);
    expect(limits.centre).toBeCloseTo(4135.5, 9);
    expect(limits.movingRange).toBeCloseTo(355.9333, 4);
    expect(limits.lower).toBeCloseTo(3188.7173, 4);
    expect(limits.upper).toBeCloseTo(5082.2827, 4);
    expect(limits.upperRange).toBeCloseTo(1163.1901, 4);
    expect(signalAt(WHEELER, 15, limits)).toEqual({ rule: "outside", side: "above", since: 15 });
  });

  it("NIST 6.3.2.2 with the unrounded constant's own digits", () => {
    const values = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1];
    const limits = limitsOfAny(values, MEAN);
    expect(limits.centre).toBeCloseTo(50.81, 9);
    expect(limits.movingRange).toBeCloseTo(1.8778, 4);
    // NIST divides by 1.128 (2.6596…); 2.66 gives 45.8151 and 55.8049.
    expect([limits.lower, limits.upper]).toEqual([expect.closeTo(45.8151, 4), expect.closeTo(55.8049, 4)]);
  });

  it("NHS plot-the-dots: twenty standard normal numbers of R, without and with a spike", () => {
    const normal = [
      -0.56047565, -0.23017749, 1.55870831, 0.07050839, 0.12928774, 1.71506499, 0.46091621, -1.26506123, -0.68685285,
      -0.44566197, 1.2240818, 0.35981383, 0.40077145, 0.11068272, -0.55584113, 1.78691314, 0.49785048, -1.96661716,
      0.7013559, -0.47279141,
    ];
    const plain = limitsOfAny(normal, MEAN);
    expect([plain.centre, plain.lower, plain.upper]).toEqual([
      expect.closeTo(0.1416238, 6),
      expect.closeTo(-3.01138, 5),
      expect.closeTo(3.294627, 5),
    ]);
    const spiked = limitsOfAny(normal.with(14, 10), MEAN);
    expect([spiked.centre, spiked.lower, spiked.upper]).toEqual([
      expect.closeTo(0.6694159, 6),
      expect.closeTo(-4.596625, 5),
      expect.closeTo(5.935457, 5),
    ]);
  });

  it("medians take 3.145 and 3.865 median ranges", () => {
    // Sorted 10 11 12 13 14 30: centre 12.5. Ranges 2 1 3 16 17: median 3.
    const limits = limitsOfAny([10, 12, 11, 14, 30, 13], MEDIAN);
    expect(limits).toMatchObject({ centre: 12.5, points: 6, provisional: true });
    expect(limits.movingRange).toBe(3);
    expect(limits.upper).toBeCloseTo(12.5 + 9.435, 9);
    expect(limits.upperRange).toBeCloseTo(11.595, 9);
  });
});

describe("limits", () => {
  it("are none below six points, provisional below seventeen", () => {
    expect(limitsOf([1, 2, 3, 4, 5], MEAN)).toBeNull();
    expect(limitsOf([1, 2, 3, 4, 5, 6], MEAN)).toMatchObject({ points: 6, provisional: true });
    expect(limitsOf([...Array(16).keys()], MEAN)?.provisional).toBe(true);
    expect(limitsOf([...Array(17).keys()], MEAN)?.provisional).toBe(false);
  });

  it("end at zero for what cannot be negative", () => {
    expect(limitsOfAny([1, 9, 1, 9, 1, 9], MEAN).lower).toBeLessThan(0);
    expect(limitsOfAny([1, 9, 1, 9, 1, 9], { ...MEAN, clampAtZero: true }).lower).toBe(0);
  });

  it("know the ranges of neighbours", () => {
    expect(movingRanges([3, 5, 4])).toEqual([2, 1]);
  });
});

describe("signals", () => {
  /** Centre 10, limits 4 and 16: nearer to a limit than to the centre above 13 and below 7. */
  const limits = {
    centre: 10,
    upper: 16,
    lower: 4,
    movingRange: 2.2556,
    upperRange: 7.4,
    points: 20,
    provisional: false,
  };
  const last = (...values: readonly number[]) => signalAt(values, values.length - 1, limits);

  it.each([
    [[10, 16], null],
    [[10, 16.1], { rule: "outside", side: "above", since: 1 }],
    [[10, 4], null],
    [[10, 3.9], { rule: "outside", side: "below", since: 1 }],
  ])("rule 1, strictly outside: %j", (values, signal) => {
    expect(last(...values)).toEqual(signal);
  });

  it.each([
    [[11, 11, 11, 11, 11, 11, 11], null],
    [[11, 11, 11, 11, 11, 11, 11, 11], { rule: "run_of_8", side: "above", since: 0 }],
    [[9, 11, 11, 11, 11, 11, 11, 11, 11, 11], { rule: "run_of_8", side: "above", since: 1 }],
    // A point on the centre is on neither side.
    [[11, 11, 11, 11, 10, 11, 11, 11, 11], null],
    [[11, 11, 11, 11, 11, 11, 11, 11, 10], null],
    [[9, 9, 9, 9, 9, 9, 9, 9], { rule: "run_of_8", side: "below", since: 0 }],
  ])("rule 2, eight in a row on one side: %j", (values, signal) => {
    expect(last(...values)).toEqual(signal);
  });

  it.each([
    [[14, 14, 14], { rule: "3_of_4_near_limit", side: "above", since: 0 }],
    [[14, 10, 14, 14], { rule: "3_of_4_near_limit", side: "above", since: 0 }],
    // Exactly halfway is not nearer; the newest must be one of the three; both sides do not add up.
    [[14, 10, 14, 13], null],
    [[14, 14, 14, 10], null],
    [[14, 6, 14, 6], null],
    [[14, 10, 10, 14, 14], null],
    [[6, 6, 8, 6], { rule: "3_of_4_near_limit", side: "below", since: 0 }],
  ])("rule 3, three of four nearer to a limit: %j", (values, signal) => {
    expect(last(...values)).toEqual(signal);
  });

  it("the stronger rule wins", () => {
    expect(last(14, 14, 14, 17)?.rule).toBe("outside");
    expect(last(11, 11, 11, 11, 11, 14, 14, 14)?.rule).toBe("3_of_4_near_limit");
  });

  it("there is no signal beyond the series", () => {
    expect(signalAt([1], 3, limits)).toBeNull();
  });
});

interface Oracle {
  readonly name: string;
  readonly values: readonly number[];
  readonly computed: Readonly<Record<"center" | "mr_center" | "unpl" | "lnpl" | "url", number>>;
  readonly signals?: { readonly rule2_run_of_8_indices: readonly number[] };
}

const oracles = new URL("../../../shared/data/xmr/oracles.json", import.meta.url);
const isThere = existsSync(oracles);
if (!isThere) console.info("skipped: XmR oracles, because they are not beside the repository");

describe("the collected oracles", () => {
  const cases = isThere ? (JSON.parse(readFileSync(oracles, "utf8")) as { cases: readonly Oracle[] }).cases : [];

  it.runIf(isThere)("are equal in every printed digit", () => {
    expect(cases.length).toBeGreaterThan(3);
    for (const { name, values, computed } of cases) {
      const limits = limitsOfAny(values, MEAN);
      const own = [limits.centre, limits.movingRange, limits.upper, limits.lower, limits.upperRange];
      const theirs = [computed.center, computed.mr_center, computed.unpl, computed.lnpl, computed.url];
      for (const [index, value] of own.entries()) expect(value, name).toBeCloseTo(theirs[index] ?? Number.NaN, 5);
    }
  });

  it.runIf(isThere)("find the run of the smoking seniors", () => {
    const run = cases.find(({ signals }) => signals !== undefined);
    const indices = run?.signals?.rule2_run_of_8_indices ?? [];
    const values = run?.values ?? [];
    const signal = signalAt(values, values.length - 1, limitsOfAny(values, MEAN));
    expect(signal).toMatchObject({ side: "below", since: indices[0] });
  });
});

describe("the points of a pattern", () => {
  const limits = { centre: 10, upper: 16, lower: 4, movingRange: 2, upperRange: 6, points: 20, provisional: false };
  const rules = (values: readonly number[]) => signalsOf(values, limits).map((signal) => signal?.rule ?? null);

  it("are all eight of a run, and one outside is told as that", () => {
    const run = "run_of_8";
    expect(rules([9, 11, 11, 11, 11, 17, 11, 11, 11, 9])).toEqual([
      null,
      run,
      run,
      run,
      run,
      "outside",
      run,
      run,
      run,
      null,
    ]);
  });

  it("are the three near a limit, not the fourth between them", () => {
    const near = "3_of_4_near_limit";
    expect(rules([9, 14, 9, 14, 14, 9])).toEqual([null, near, null, near, near, null]);
  });
});
