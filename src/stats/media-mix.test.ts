import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mixWeeks, TRUE_CURVES } from "../testing/mix-weeks.js";
import { type MediaMix, type MixEstimate, type MixHistory, mediaMix, type Ranged } from "./media-mix.js";
import { broughtBy, fitWeights, nextUnitBrings } from "./mix-model.js";

const TRUTH_OF = (id: string) => TRUE_CURVES[id] ?? { carryover: 0, half: 1, most: 0 };

function toldBy({ channels }: MediaMix): readonly (readonly [string, MixEstimate])[] {
  return channels.flatMap((channel) => (channel.status === "ok" ? [[channel.id, channel.estimate] as const] : []));
}

const holds = ({ low, high }: Ranged, truth: number) => low <= truth && truth <= high;

/** The weeks with another spend of one channel, week by week. */
function withSpend(history: MixHistory, id: string, of: (week: number) => number | null): MixHistory {
  const spend = history.outcome.map((_, week) => of(week));
  return { ...history, channels: [...history.channels.filter((one) => one.id !== id), { id, spend }] };
}

describe("a media mix of weeks whose truth is known", () => {
  it("recovers what the next unit of each channel brings, and what today's spend does", () => {
    const mix = mediaMix(mixWeeks(3, { ids: ["tv", "search", "meta"], weeks: 208 }));
    expect(mix.verdict).toMatchObject({ status: "ok", weeks: 208 });
    const told = toldBy(mix);
    expect(told.map(([id]) => id)).toEqual(["meta", "search", "tv"]);
    for (const [id, { today, nextUnit, brings }] of told) {
      const truth = nextUnitBrings(TRUTH_OF(id), today);
      expect(Math.abs(nextUnit.value / truth - 1), id).toBeLessThan(0.2);
      expect((brings?.value ?? 0) / broughtBy(TRUTH_OF(id), today), id).toBeCloseTo(1, 0);
    }
  });

  // In 30 other worlds each, of 104, 156 and 208 weeks with two channels and of 208 with three, the next unit's range held the truth in 85, 82, 95 and 84 %,
  // that of what is brought in 88, 88, 93 and 83 %.
  it("holds the truth in its 80 % range about as often as it says", () => {
    const kept = { next: 0, brings: 0, all: 0 };
    for (let seed = 1; seed <= 12; seed += 1)
      for (const [id, { today, nextUnit, brings }] of toldBy(mediaMix(mixWeeks(seed)))) {
        kept.all += 1;
        if (holds(nextUnit, nextUnitBrings(TRUTH_OF(id), today))) kept.next += 1;
        if (brings !== null && holds(brings, broughtBy(TRUTH_OF(id), today))) kept.brings += 1;
      }
    expect(kept.all).toBeGreaterThan(18);
    for (const share of [kept.next / kept.all, kept.brings / kept.all]) {
      expect(share).toBeGreaterThanOrEqual(0.75);
      expect(share).toBeLessThanOrEqual(1);
    }
  });

  it("bends down: double the spend brings less than double", () => {
    for (const [id, { curve, line, smallest, largest }] of toldBy(mediaMix(mixWeeks(4)))) {
      expect(broughtBy(curve, 12000), id).toBeLessThan(2 * broughtBy(curve, 6000));
      expect(line[0]?.spend).toBe(smallest);
      expect(line.at(-1)?.spend).toBe(largest);
      const steps = line.slice(1).map((point, index) => point.value - (line[index]?.value ?? 0));
      steps.slice(1).forEach((step, index) => {
        expect(step).toBeLessThan(steps[index] ?? 0);
      });
    }
  });

  it("does not depend on the order of the channels", () => {
    const history = mixWeeks(5);
    expect(mediaMix({ ...history, channels: [...history.channels].reverse() })).toEqual(mediaMix(history));
  });

  it("does not depend on the unit of money", () => {
    const history = mixWeeks(5);
    const inCents = (values: readonly (number | null)[]) => values.map((value) => (value ?? 0) * 100);
    const cents = mediaMix({
      outcome: inCents(history.outcome),
      channels: history.channels.map(({ id, spend }) => ({ id, spend: inCents(spend) })),
    });
    const told = toldBy(cents);
    expect(told).toHaveLength(2);
    toldBy(mediaMix(history)).forEach(([, { nextUnit, brings, chance }], index) => {
      const other = told[index]?.[1];
      expect(other?.nextUnit.low).toBeCloseTo(nextUnit.low, 6);
      expect(other?.nextUnit.value).toBeCloseTo(nextUnit.value, 6);
      expect((other?.brings?.value ?? 0) / 100).toBeCloseTo(brings?.value ?? 0, 3);
      expect(other?.chance).toBe(chance);
    });
  });
});

describe("what a media mix does not tell", () => {
  const refusalOf = (mix: MediaMix, id: string) => {
    const channel = mix.channels.find((one) => one.id === id);
    return channel?.status === "refused" ? channel.refusal : channel?.status;
  };

  it("refuses a week less than two years", () => {
    expect(mediaMix(mixWeeks(1, { weeks: 103 })).verdict).toEqual({
      ...{ status: "refused", because: "too_short", weeks: 103, needed: 104, holdOut: null },
    });
  });

  it("counts from the newest week that is not known: of the outcome, and of a channel", () => {
    const history = mixWeeks(1, { weeks: 130 });
    const outcome = history.outcome.map((value, week) => (week === 26 ? null : value));
    expect(mediaMix({ ...history, outcome }).verdict).toMatchObject({ because: "too_short", weeks: 103 });
    const spend = history.channels[0]?.spend ?? [];
    const hole = (at: number) =>
      mediaMix(withSpend(history, "meta", (week) => (week === at ? null : (spend[week] ?? 0))));
    expect(hole(25).verdict).toMatchObject({ status: "ok", weeks: 104 });
    expect(refusalOf(hole(26), "meta")).toEqual({ because: "missing_weeks", known: 103, needed: 104 });
    expect(hole(26).verdict).toMatchObject({ weeks: 130 });
  });

  it("refuses a channel with few weeks of spend", () => {
    const mix = mediaMix(withSpend(mixWeeks(1), "tv", (week) => (week < 25 ? 5000 + 100 * week : 0)));
    expect(refusalOf(mix, "tv")).toEqual({ because: "few_weeks_with_spend", weeks: 25, needed: 26 });
    expect(refusalOf(mix, "meta")).toBe("ok");
  });

  it("refuses a channel whose spend hardly varies", () => {
    const mix = mediaMix(withSpend(mixWeeks(1), "tv", (week) => 5000 + (week % 2) * 100));
    // 5000 and 5100 in turn: 50 around a mean of 5050.
    expect(refusalOf(mix, "tv")).toMatchObject({ because: "hardly_varies", needed: 0.1 });
    expect(refusalOf(mix, "tv")).toHaveProperty("variation", expect.closeTo(50 / 5050, 4));
    expect(refusalOf(mix, "search")).toBe("ok");
  });

  it("refuses channels that move together, each named by the other", () => {
    const history = mixWeeks(1);
    const meta = history.channels[0]?.spend ?? [];
    const mix = mediaMix(withSpend(history, "tv", (week) => 2 * (meta[week] ?? 0) + (week % 3) * 100));
    expect(refusalOf(mix, "tv")).toMatchObject({ because: "moves_together", most: 5, nearest: "meta" });
    expect(refusalOf(mix, "meta")).toMatchObject({ because: "moves_together", nearest: "tv" });
    expect(refusalOf(mix, "search")).toBe("ok");
  });

  it("refuses a channel that does nothing, and still tells the others", () => {
    const mix = mediaMix(mixWeeks(2, { ids: ["meta", "nothing", "search"] }));
    expect(refusalOf(mix, "nothing")).toMatchObject({ because: "no_effect_told", most: 0.05 });
    expect(refusalOf(mix, "meta")).toBe("ok");
  });

  it("refuses all where ads do nothing", () => {
    const found = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => mediaMix(mixWeeks(seed, { ids: ["a", "b"] })));
    expect(found.map(({ verdict }) => verdict.status)).toEqual(found.map(() => "refused"));
    const reasons = found.map(({ verdict }) => (verdict.status === "refused" ? verdict.because : verdict.status));
    expect(new Set(reasons)).toEqual(new Set(["no_better_than_without_ads", "no_channel"]));
    const worse = found.find(({ verdict }) => "because" in verdict && verdict.because === "no_better_than_without_ads");
    const holdOut = worse?.verdict.holdOut;
    expect(holdOut?.error).toBeGreaterThanOrEqual(holdOut?.errorWithoutAds ?? Number.POSITIVE_INFINITY);
  });

  it("measures nothing where nothing came", () => {
    const outcome = mixWeeks(1).outcome.map(() => 0);
    const { verdict } = mediaMix({ ...mixWeeks(1), outcome });
    expect(verdict).toMatchObject({ because: "no_better_than_without_ads", holdOut: null });
  });

  it("refuses where there is no channel", () => {
    const none = mediaMix({ ...mixWeeks(1), channels: [] });
    expect(none).toMatchObject({ verdict: { status: "refused", because: "no_channel", weeks: 104 }, channels: [] });
  });
});

describe("the ridge that knows no negative weights", () => {
  // Columns of length 1: (0.6, 0.8, 0), (0, 0.6, 0.8), (0.8, 0, 0.6).
  const columns = [
    [0.6, 0.8, 0],
    [0, 0.6, 0.8],
    [0.8, 0, 0.6],
  ];
  const product = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  const fitted = (outcome: readonly number[], count: number) => {
    const used = columns.slice(0, count);
    const weights = new Float64Array(count);
    fitWeights(
      used.map((column) => Float64Array.from(used, (other) => product(column, other))),
      Float64Array.from(used, (column) => product(column, outcome)),
      { chosen: used.map((_, index) => index), strength: 0.1, weights },
    );
    return [...weights];
  };

  it("is the closed form where no limit is reached", () => {
    // (XᵀX + 0.1 I)⁻¹ Xᵀy with XᵀX = [1, 0.48; 0.48, 1] and Xᵀy = [2.2, 3.6].
    const [first, second] = fitted([1, 2, 3], 2);
    expect(first).toBeCloseTo((1.1 * 2.2 - 0.48 * 3.6) / (1.1 ** 2 - 0.48 ** 2), 9);
    expect(second).toBeCloseTo((1.1 * 3.6 - 0.48 * 2.2) / (1.1 ** 2 - 0.48 ** 2), 9);
  });

  // scikit-learn 1.9.1 (NumPy 2.4.6): Ridge(alpha=0.1, fit_intercept=False, positive=True, solver="lbfgs", tol=1e-12). In the second row the
  // unconstrained one has -1.136862 in the middle.
  it.each([
    [
      [1, 2, 3],
      [0.391481, 2.649546, 1.036643],
    ],
    [
      [3, 1, 0],
      [1.743569, 0, 1.420988],
    ],
  ])("is scikit-learn's for %j", (outcome, weights) => {
    fitted(outcome, 3).forEach((weight, index) => {
      expect(weight).toBeCloseTo(weights[index] ?? Number.NaN, 5);
    });
  });
});

const ROBYN = new URL("../../../shared/data/mmm_robyn/dt_simulated_weekly.csv", import.meta.url);
const isThere = existsSync(ROBYN);
if (!isThere) console.info("skipped: Robyn's simulated weeks, because they are not beside the repository");

describe.runIf(isThere)("Robyn's simulated weeks", () => {
  const [head = "", ...lines] = isThere ? readFileSync(ROBYN, "utf8").trim().split("\n") : [];
  const names = head.split(",");
  const column = (name: string) => lines.map((line) => Number(line.split(",")[names.indexOf(name)]));
  const weeks = () => ({
    outcome: column("revenue"),
    channels: ["tv_S", "ooh_S", "print_S", "facebook_S", "search_S"].map((id) => ({ id, spend: column(id) })),
  });

  // 2.6 % with ads, 3.0 without.
  it("are foretold better with ads than without, where the competitors' sales, which move them most, are beside", () => {
    const mix = mediaMix({ ...weeks(), flags: [column("competitor_sales_B").map((sales) => sales / 1e6)] });
    expect(mix.verdict).toMatchObject({ status: "ok", weeks: 208 });
    expect(mix.verdict.holdOut?.error).toBeLessThan(mix.verdict.holdOut?.errorWithoutAds ?? 0);
  });

  // 9.2 % with ads, 7.9 without.
  it("are refused without those: ads would be given what competitors did", () => {
    const { verdict } = mediaMix(weeks());
    expect(verdict).toMatchObject({ status: "refused", because: "no_better_than_without_ads" });
  });
});
