import { describe, expect, it } from "vitest";
import { BANDS, backTest } from "./back-test.js";
import { fitHoltWinters, forecast, type HoltWinters, smoothed, spreadOf } from "./holt-winters.js";
import { uniformNumbers } from "./uniform-numbers.js";

const WEEKLY = { period: 7, damping: 1 } as const;

/** Forty days of some shop. */
const SERIES = [
  30, 21, 29, 31, 40, 48, 53, 47, 37, 39, 31, 29, 17, 9, 20, 24, 27, 35, 41, 38, 27, 31, 27, 26, 21, 13, 21, 18, 33, 35,
  40, 36, 22, 24, 21, 20, 17, 14, 17, 19,
] as const;
const EFFECTS = [-5, -3, -1, 0, 2, 4, 3] as const;

/**
 * statsmodels 0.15.0 (Python): Holt and errors of the season from `ExponentialSmoothing`, forecasts and variances of the season from
 * `ETSModel(error="add", trend="add", seasonal="add")`, all with `initialization_method="known"` and the parameters that stand here.
 */
describe("equals statsmodels 0.15.0", () => {
  it("Holt-Winters with damping_trend 0.9, otherwise as below", () => {
    const smoothing = { level: 0.3, trend: 0.2, season: 0.15, damping: 0.9 };
    const walked = smoothed(SERIES, smoothing, { level: 30, trend: 0.25, season: EFFECTS });
    expect(walked.squares).toBeCloseTo(4754.068893271071, 7);
    const model = { smoothing, state: walked.state, sigma: Math.sqrt(walked.squares / walked.points) };
    const ahead = forecast(model, 9);
    expect([ahead[0], ahead[8]]).toEqual([
      expect.closeTo(17.478394710660492, 9),
      expect.closeTo(11.637359160325396, 9),
    ]);
    expect(spreadOf(model, [1]) ** 2).toBeCloseTo(133.74574476750576, 6);
    expect(spreadOf(model, [8]) ** 2).toBeCloseTo(380.8574506387106, 6);
  });

  it("Holt: level 25, trend 0.5; smoothing_level 0.4, smoothing_trend 0.1", () => {
    const smoothing = { level: 0.4, trend: 0.1, season: 0, damping: 1 };
    const walked = smoothed(SERIES, smoothing, { level: 25, trend: 0.5, season: [0] });
    const fitted = [25.5, 27.98, 25.5888, 27.490528, 29.57194368];
    for (const [index, value] of fitted.entries()) expect(walked.fitted[index]).toBeCloseTo(value, 8);
    expect(walked.fitted.at(-1)).toBeCloseTo(15.706577478636838, 9);
    expect(walked.squares).toBeCloseTo(3381.134478581634, 7);
    expect(walked.state.level).toBeCloseTo(17.0239464871821, 9);
    expect(walked.state.trend).toBeCloseTo(-0.7738669177684812, 9);
    const ahead = [16.25007956941362, 15.476212651645138, 14.702345733876658, 13.928478816108177, 13.154611898339695];
    forecast({ smoothing, state: walked.state }, 5).forEach((value, index) => {
      expect(value).toBeCloseTo(ahead[index] ?? Number.NaN, 9);
    });
  });

  it("Holt-Winters, period 7: level 30, trend 0.25; smoothing_level 0.3, smoothing_trend 0.2 (0.06 in ETS), smoothing_seasonal 0.15", () => {
    const smoothing = { level: 0.3, trend: 0.2, season: 0.15, damping: 1 };
    const walked = smoothed(SERIES, smoothing, { level: 30, trend: 0.25, season: EFFECTS });
    expect(walked.squares).toBeCloseTo(5217.948737024121, 7);
    expect(walked.state.level).toBeCloseTo(17.029442299697745, 9);
    expect(walked.state.trend).toBeCloseTo(-1.211552440160203, 9);
    const model: HoltWinters = { smoothing, state: walked.state, sigma: Math.sqrt(walked.squares / walked.points) };
    const ahead = [
      16.62563173964926, 13.588783774907341, 13.235202460274767, 10.40985485837937, 10.698726500950958,
      9.412167878347136, 7.65837946048923, 8.14476465852784, 5.107916693785921,
    ];
    const variances = [
      130.44871842560303, 147.3548723335612, 170.36602626383757, 200.4214109890965, 238.46025728200232,
      285.4217959152194, 342.24525766141215, 440.98189263775106, 520.346892927888,
    ];
    forecast(model, 9).forEach((value, index) => {
      expect(value).toBeCloseTo(ahead[index] ?? Number.NaN, 9);
      expect(spreadOf(model, [index]) ** 2).toBeCloseTo(variances[index] ?? Number.NaN, 6);
    });
  });
});

describe("a fit", () => {
  const weekly = Array.from({ length: 42 }, (_, day) => 100 + day + (EFFECTS[day % 7] ?? 0) * 5);

  it("goes through a line with a season, and on", () => {
    const model = fitHoltWinters(weekly, WEEKLY);
    expect(model.sigma).toBeLessThan(0.01);
    forecast(model, 14).forEach((value, index) => {
      expect(value).toBeCloseTo(142 + index + (EFFECTS[index % 7] ?? 0) * 5, 1);
    });
  });

  it("walks over days without a value", () => {
    const gaps = weekly.map((value, day) => (day === 3 || day === 30 ? null : value));
    expect(forecast(fitHoltWinters(gaps, WEEKLY), 1)[0]).toBeCloseTo(142 - 25, 1);
  });

  it("finds no worse parameters than statsmodels does from the same state", () => {
    // SSE 2424.9547413612277 at 0.8879, 0.0, 0.1121 from level 30, trend 0.25 and the effects; this one chooses its own start.
    const own = smoothed(
      SERIES,
      { level: 0.8879352444117512, trend: 0, season: 0.11206478558824884, damping: 1 },
      { level: 30, trend: 0.25, season: EFFECTS },
    );
    expect(own.squares).toBeCloseTo(2424.9547413612277, 3);
    const { smoothing, sigma } = fitHoltWinters(SERIES, WEEKLY);
    expect(sigma ** 2 * (40 - 11)).toBeLessThan(2424.95);
    for (const share of Object.values(smoothing)) expect(share >= 0 && share <= 1).toBe(true);
  });
});

describe("the spread of a sum", () => {
  const model = {
    smoothing: { level: 0.5, trend: 0, season: 0, damping: 1 },
    state: { level: 0, trend: 0, season: [0] },
    sigma: 2,
  };

  it("counts that errors move all days after them: weights 1.5 and 1, not 1.25 and 1", () => {
    // First day's error: 1 on its own day, 0.5 on the next; the second's 1. (1.5 ** 2 + 1) * 4 = 13.
    expect(spreadOf(model, [0, 1]) ** 2).toBeCloseTo(13, 9);
    // The second day alone: 0.5 ** 2 + 1 = 1.25, times 4.
    expect(spreadOf(model, [1]) ** 2).toBeCloseTo(5, 9);
    expect(spreadOf(model, [])).toBe(0);
  });
});

/** Normal numbers by Box and Muller. */
function normalNumbers(seed: number): () => number {
  const uniform = uniformNumbers(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

describe("bands on simulated series, seed 42", () => {
  const [AHEAD, SERIES_COUNT] = [14, 150];

  /** A level that wanders, a slope, weekdays, and noise. */
  const simulated = (normal: () => number, days: number) => {
    let level = 200;
    return Array.from({ length: days }, (_, day) => {
      const noise = normal() * 12;
      const value = level + (EFFECTS[day % 7] ?? 0) * 6 + noise;
      level += 0.3 + 0.2 * noise;
      return value;
    });
  };

  /** Shares of days and of sums within the bands as they are printed: the model's, widened by its back-test. */
  const heldAfter = (training: number) => {
    const normal = normalNumbers(42);
    const held = { day80: 0, day95: 0, sum80: 0, sum95: 0 };
    for (let run = 0; run < SERIES_COUNT; run += 1) {
      const values = simulated(normal, training + AHEAD);
      const past = values.slice(0, training);
      const [model, test] = [fitHoltWinters(past, WEEKLY), backTest(past, WEEKLY, AHEAD)];
      const errors = forecast(model, AHEAD).map((value, index) => (values[training + index] ?? 0) - value);
      errors.forEach((error, index) => {
        const spread = spreadOf(model, [index]) * (test?.widenDays ?? Number.NaN);
        if (Math.abs(error) <= BANDS[80] * spread) held.day80 += 1 / AHEAD / SERIES_COUNT;
        if (Math.abs(error) <= BANDS[95] * spread) held.day95 += 1 / AHEAD / SERIES_COUNT;
      });
      const spread = spreadOf(model, [...errors.keys()]) * (test?.widenSums ?? Number.NaN);
      const error = Math.abs(errors.reduce((sum, one) => sum + one, 0));
      if (error <= BANDS[80] * spread) held.sum80 += 1 / SERIES_COUNT;
      if (error <= BANDS[95] * spread) held.sum95 += 1 / SERIES_COUNT;
    }
    return held;
  };

  it.each([60, 120])("after %i days hold 75 to 85 %% and 92 to 98 %% of days and of sums of 14", (training) => {
    const { day80, sum80, day95, sum95 } = heldAfter(training);
    for (const share of [day80, sum80]) {
      expect(share).toBeGreaterThan(0.75);
      expect(share).toBeLessThan(0.85);
    }
    for (const share of [day95, sum95]) {
      expect(share).toBeGreaterThan(0.92);
      expect(share).toBeLessThan(0.98);
    }
  });
});

describe("the back-test", () => {
  const line = Array.from({ length: 40 }, (_, day) => 100 + 2 * day);
  const LINE = { period: 1, damping: 1 } as const;

  it("asks a straight line for its own end, from every week that leaves 14 days before it", () => {
    // Origins 33, 26 and 19; the newest same weekday is 14 short of each of the 7 days: 14 of 166 to 178, 152 to 164, 138 to 150.
    const test = backTest(line, LINE, 7);
    expect(test).toMatchObject({ origins: 3, ahead: 7, held80: expect.any(Number), widenDays: expect.any(Number) });
    expect(test?.dayError).toBeCloseTo(0, 6);
    expect(test?.naiveError).toBeCloseTo(14 / 158, 9);
  });

  it("looks less far ahead where little is left, and not at all where nothing is", () => {
    expect(backTest(line.slice(0, 16), LINE, 30)).toMatchObject({ origins: 1, ahead: 2 });
    expect(backTest(line.slice(0, 14), LINE, 30)).toBeNull();
    expect(backTest(line.slice(0, 30), WEEKLY, 2)).toMatchObject({ origins: 1, ahead: 2 });
  });

  it("does not judge days without a value, and never narrows a band", () => {
    const noisy = Array.from({ length: 60 }, (_, day) => (day === 58 ? null : 50 + ((day * 7919) % 13)));
    const test = backTest(noisy, LINE, 7);
    expect(test?.widenDays).toBeGreaterThanOrEqual(1);
    expect(test?.widenSums).toBeGreaterThanOrEqual(1);
    expect(test?.held80).toBeGreaterThan(0.5);
  });
});
