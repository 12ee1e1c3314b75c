import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { drawnShoppers } from "../testing/shoppers.js";
import { aliveProbability, expectedRepeats, fitBgNbd, type PurchaseClass } from "./bg-nbd.js";
import { expectedValue, fitGammaGamma } from "./gamma-gamma.js";
import { expectedBand } from "./lifetime-band.js";
import { logGamma } from "./log-gamma.js";

interface Truth {
  readonly customers: number;
  readonly repeat_customers: number;
  readonly bgnbd: {
    readonly r: number;
    readonly alpha: number;
    readonly a: number;
    readonly b: number;
    readonly log_likelihood: number;
  };
  readonly gamma_gamma: {
    readonly p: number;
    readonly q: number;
    readonly v: number;
    readonly log_likelihood: number;
    readonly population_mean: number;
  };
  readonly holdout: { readonly expected_transactions_total: number; readonly actual_transactions_total: number };
  readonly mean_p_alive: number;
  readonly conditional_expectation_by_frequency: Readonly<
    Record<string, { readonly n: number; readonly expected: number; readonly actual: number }>
  >;
  readonly sample_customers: readonly {
    readonly id: string;
    readonly frequency: number;
    readonly p_alive: number;
    readonly expected_transactions: number;
    readonly expected_avg_value: number;
  }[];
}

const FOLDER = new URL("../../../shared/data/cdnow_sample/", import.meta.url);
const isThere = existsSync(FOLDER);
if (!isThere) console.info("skipped: published lifetime values, because CDNOW is not beside the repository");

interface Customer extends PurchaseClass {
  readonly id: string;
  readonly mean: number;
  readonly later: number;
}

/** CDNOW by customer: 39 weeks from 1 January to 30 September 1997, 39 weeks held out. */
function customers(): readonly Customer[] {
  const lines = readFileSync(new URL("CDNOW_sample.txt", FOLDER), "utf8").trim().split("\n");
  const byId = new Map<string, Map<number, number>>();
  for (const line of lines) {
    const [, id = "", date = "", , amount = ""] = line.trim().split(/\s+/);
    const day = Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6))) / 86_400_000;
    const days = byId.get(id) ?? new Map<number, number>();
    days.set(day, (days.get(day) ?? 0) + Number(amount));
    byId.set(id, days);
  }
  const end = Date.UTC(1997, 8, 30) / 86_400_000;
  return [...byId].map(([id, days]) => {
    const all = [...days.keys()].sort((a, b) => a - b);
    const [first = 0, ...later] = all;
    const repeats = later.filter((day) => day <= end);
    const spent = repeats.reduce((sum, day) => sum + (days.get(day) ?? 0), 0);
    return {
      id,
      repeats: repeats.length,
      recency: ((repeats.at(-1) ?? first) - first) / 7,
      age: (end - first) / 7,
      customers: 1,
      mean: repeats.length === 0 ? 0 : spent / repeats.length,
      later: later.length - repeats.length,
    };
  });
}

/** Equal in four significant digits. */
const close = (value: number) => expect.closeTo(value, 3 - Math.floor(Math.log10(Math.abs(value))));

describe("published lifetime values", () => {
  const seen = isThere ? customers() : [];
  const truth = isThere
    ? (JSON.parse(readFileSync(new URL("clv_ground_truth_sample.json", FOLDER), "utf8")) as Truth)
    : null;
  const bgNbd = () => {
    const fit = fitBgNbd(seen);
    if (fit.status !== "ok") throw new Error(fit.because);
    return fit.model;
  };

  it.runIf(isThere)("BG/NBD: r .243, alpha 4.414, a .793, b 2.426, LL -9582.4 (Fader, Hardie and Lee, table 2)", () => {
    const { r, alpha, a, b, logLikelihood } = bgNbd();
    expect([r.toFixed(3), alpha.toFixed(3), a.toFixed(3), b.toFixed(3)]).toEqual(["0.243", "4.414", "0.793", "2.426"]);
    expect(logLikelihood.toFixed(1)).toBe("-9582.4");
    const { log_likelihood: theirs, ...parameters } = truth?.bgnbd ?? { log_likelihood: 0 };
    expect({ r, alpha, a, b }).toEqual(
      Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, close(value)])),
    );
    expect(logLikelihood).toBeCloseTo(theirs, 5);
  });

  it.runIf(isThere)("Gamma-Gamma: p 6.25, q 3.74, v 15.44 of 946 customers", () => {
    const fit = fitGammaGamma(seen.filter(({ repeats }) => repeats > 0));
    if (fit.status !== "ok" || truth === null) throw new Error("refused");
    const { p, q, v, logLikelihood } = fit.model;
    expect([p.toFixed(2), q.toFixed(2), v.toFixed(2)]).toEqual(["6.25", "3.74", "15.44"]);
    expect({ p, q, v }).toEqual({
      p: close(truth.gamma_gamma.p),
      q: close(truth.gamma_gamma.q),
      v: close(truth.gamma_gamma.v),
    });
    expect(logLikelihood).toBeCloseTo(truth.gamma_gamma.log_likelihood, 4);
    expect(expectedValue(fit.model, { repeats: 0, mean: 0 })).toEqual(close(truth.gamma_gamma.population_mean));
    for (const { id, expected_avg_value: value } of truth.sample_customers) {
      const customer = seen.find((one) => one.id === id);
      expect(expectedValue(fit.model, customer ?? { repeats: 0, mean: 0 }), id).toEqual(close(value));
    }
  });

  it.runIf(isThere)("expected purchases of the 39 weeks held out, by frequency and by customer", () => {
    if (truth === null) throw new Error("no truth");
    const model = bgNbd();
    const expected = (some: readonly Customer[]) => some.reduce((sum, one) => sum + expectedRepeats(model, one, 39), 0);
    expect(expected(seen)).toEqual(close(truth.holdout.expected_transactions_total));
    expect(seen.reduce((sum, { later }) => sum + later, 0)).toBe(truth.holdout.actual_transactions_total);
    const alive = seen.reduce((sum, one) => sum + aliveProbability(model, one), 0) / seen.length;
    expect(alive).toEqual(close(truth.mean_p_alive));
    for (const [frequency, { n, expected: theirs, actual }] of Object.entries(
      truth.conditional_expectation_by_frequency,
    )) {
      const some = seen.filter(({ repeats }) => (frequency === "7+" ? repeats >= 7 : repeats === Number(frequency)));
      expect(some).toHaveLength(n);
      expect(expected(some) / n, frequency).toEqual(close(theirs));
      expect(some.reduce((sum, { later }) => sum + later, 0) / n).toBeCloseTo(actual, 9);
    }
    for (const { id, p_alive: own, expected_transactions: theirs } of truth.sample_customers) {
      const customer = seen.find((one) => one.id === id);
      if (customer === undefined) throw new Error(id);
      expect(aliveProbability(model, customer), id).toEqual(close(own));
      expect(expectedRepeats(model, customer, 39), id).toEqual(close(theirs));
    }
  });
});

describe("the gamma function", () => {
  it.each([
    [1, 0],
    [5, Math.log(24)],
    [0.5, Math.log(Math.sqrt(Math.PI))],
    [0.01, 4.599479878042022],
    [171, 706.5730622457874],
  ])("of %d", (x, value) => {
    expect(logGamma(x)).toBeCloseTo(value, 11);
  });
});

describe("BG/NBD", () => {
  const model = { r: 1, alpha: 1, a: 1, b: 1 };

  it("doubts those who were seldom away for so long: odds 1/1 x (4/2)^2 = 4 that the customer has stopped", () => {
    expect(aliveProbability(model, { repeats: 1, recency: 1, age: 3 })).toBeCloseTo(1 / 5, 12);
    expect(aliveProbability(model, { repeats: 0, recency: 0, age: 300 })).toBe(1);
  });

  it("where nobody stops expects a Poisson course at the rate (r + x) / (alpha + T)", () => {
    // (1 + 3) / (1 + 7) a week for 10 weeks.
    const never = { r: 1, alpha: 1, a: 1e-9, b: 1 };
    expect(expectedRepeats(never, { repeats: 3, recency: 5, age: 7 }, 10)).toBeCloseTo(5, 6);
    expect(expectedRepeats(model, { repeats: 3, recency: 5, age: 7 }, 0)).toBeCloseTo(0, 12);
  });

  it("at a = 1 agrees with its neighbours", () => {
    const at = (a: number) => expectedRepeats({ ...model, a }, { repeats: 2, recency: 4, age: 9 }, 20);
    expect(at(1)).toBeCloseTo((at(0.999) + at(1.001)) / 2, 5);
  });

  it("finds the parameters of drawn customers, more than are taken one by one, and what they bought later", () => {
    const seen = drawnShoppers(5000, { alpha: 10, weeks: 40, later: 26 });
    const fit = fitBgNbd(seen);
    if (fit.status !== "ok") throw new Error(fit.because);
    // Drawn from r 2, alpha 10, a 1, b 3.
    expect(fit.model.r / fit.model.alpha).toBeCloseTo(0.2, 1);
    expect(fit.model.a / (fit.model.a + fit.model.b)).toBeCloseTo(0.25, 1);
    const expected = seen.reduce((sum, one) => sum + expectedRepeats(fit.model, one, 26), 0);
    const actual = seen.reduce((sum, one) => sum + one.later, 0);
    expect(Math.abs(expected / actual - 1)).toBeLessThan(0.06);
  });

  const many = (repeats: number, recency: number, customers = 200): PurchaseClass => ({
    repeats,
    recency,
    age: 20,
    customers,
  });
  it.each<[string, readonly PurchaseClass[], string]>([
    ["99 customers", [many(0, 0, 50), many(2, 9, 49)], "too_few_customers"],
    ["29 repeaters", [many(0, 0, 400), many(1, 9, 29)], "too_few_repeaters"],
    ["nobody who comes back", [many(0, 0)], "too_few_repeaters"],
    ["customers who all buy alike", [many(4, 18), many(4, 19), many(5, 19)], "rates_alike"],
    [
      "customers of whom none stops",
      [many(1, 19.9), many(3, 19.9), many(9, 19.9), many(20, 19.9), many(0, 0, 20)],
      "stops_not_seen",
    ],
  ])("refuses %s", (_, classes, because) => {
    expect(fitBgNbd(classes)).toEqual({ status: "refused", because });
  });
});

describe("Gamma-Gamma", () => {
  it("draws a customer's mean to that of all: p (v + x m) / (p x + q - 1)", () => {
    // 2 x (10 + 3 x 20) / (6 + 4 - 1).
    expect(expectedValue({ p: 2, q: 4, v: 10 }, { repeats: 3, mean: 20 })).toBeCloseTo(140 / 9, 12);
    expect(expectedValue({ p: 2, q: 4, v: 10 }, { repeats: 0, mean: 0 })).toBeCloseTo(20 / 3, 12);
  });

  const spend = (mean: number, customers: number, repeats = 2) => ({ mean, customers, repeats });
  it.each<[string, Parameters<typeof fitGammaGamma>[0], string]>([
    ["29 repeaters", [spend(20, 29)], "too_few_repeaters"],
    ["equal amounts", [spend(20, 100), spend(20, 100, 5)], "values_alike"],
    [
      "amounts without a mean",
      [spend(1, 300), spend(100, 100), spend(10_000, 60), spend(10_000_000, 40)],
      "no_mean_value",
    ],
  ])("refuses %s", (_, classes, because) => {
    expect(fitGammaGamma(classes)).toEqual({ status: "refused", because });
  });
});

describe("the band of a group", () => {
  it("is chance of dispersed counts and spread amounts, and what the model was off in sum", () => {
    // Variance (2 + 0.25) x 8 + (0.1 x 20) ** 2 = 22, times 1.2815 ** 2 = 1.6424.
    const { low, high } = expectedBand({ value: 20, weight: 8 }, { dispersion: 2, orderSpread: 0.25, bias: 0.1 });
    expect((high - 20) ** 2).toBeCloseTo(22 * 1.642374415, 6);
    expect(20 - low).toBeCloseTo(high - 20, 9);
    expect(expectedBand({ value: 1, weight: 8 }, { dispersion: 2, orderSpread: 0, bias: 0 }).low).toBe(0);
  });
});
