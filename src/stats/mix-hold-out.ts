/** The weeks that a media mix model is not shown: they choose how strongly it is held back, and say how far off it is (D-62). */
import { bestFit, curvesOf, designOf, expectedOf, type MixWeeks } from "./mix-model.js";
import type { Column } from "./projection.js";

/** A quarter of a year. */
const HOLD_OUT = 13;
/** Before those: ends of the history that the strength of the ridge is chosen by. */
const FOLDS = { count: 4, weeks: 6 } as const;
/**
 * Of columns of length 1: 0.03 takes 3 % of an effect that no other channel explains. What is stronger no longer steadies channels that move
 * together, it believes that ads do nothing.
 */
const STRENGTHS = [0.001, 0.003, 0.01, 0.03] as const;
const HARMONICS = 3;
const WEEKS_OF_YEAR = 365.25 / 7;

/** Errors are parts of what came (0.1 = 10 %): sum of the errors without their signs, over the sum of the weeks. */
export interface MixHoldOut {
  readonly weeks: number;
  readonly error: number;
  /** Of the same model without any ads. */
  readonly errorWithoutAds: number;
  /** 1 less the squared errors over the squared distances from the mean of these weeks; below 0: the mean is nearer. */
  readonly r2: number;
}

/** Level, trend, the year as three harmonics, and what is given beside. */
export function controlsOf(weeks: number, flags: readonly (readonly number[])[]): readonly Column[] {
  const column = (of: (week: number) => number) => Float64Array.from({ length: weeks }, (_, week) => of(week));
  const waves = Array.from({ length: HARMONICS }, (_, index) => (2 * Math.PI * (index + 1)) / WEEKS_OF_YEAR);
  return [
    column(() => 1),
    column((week) => week / weeks),
    ...waves.flatMap((turn) => [column((week) => Math.sin(turn * week)), column((week) => Math.cos(turn * week))]),
    ...flags.map((flag) => column((week) => flag[week] ?? 0)),
  ];
}

/**
 * The strength of the ridge by time-ordered cross-validation: fitted to the weeks up to an origin, asked for those after it. The weakest whose
 * squared error is not further above the least than its standard error: a stronger one would shrink effects for nothing.
 */
export function strengthOf(data: MixWeeks): number {
  const end = data.outcome.length - HOLD_OUT;
  const errors: number[][] = STRENGTHS.map(() => []);
  for (let fold = FOLDS.count; fold > 0; fold -= 1) {
    const origin = end - fold * FOLDS.weeks;
    const design = designOf(data, origin);
    STRENGTHS.forEach((strength, index) => {
      const fit = bestFit(design, data.outcome.subarray(0, origin), { strength });
      const expected = expectedOf(data, { basis: design.basis, curves: curvesOf(design, fit), weeks: origin });
      for (let week = origin; week < origin + FOLDS.weeks; week += 1)
        errors[index]?.push(((data.outcome[week] ?? 0) - (expected[week] ?? 0)) ** 2);
    });
  }
  const sums = errors.map(sumOf);
  const best = errors[sums.indexOf(Math.min(...sums))] ?? [];
  const found = errors.findIndex((own) => isWithinOneError(own.map((error, index) => error - (best[index] ?? 0))));
  return STRENGTHS[found] ?? STRENGTHS[0];
}

/** True where a mean is not further above 0 than its standard error. */
function isWithinOneError(differences: readonly number[]): boolean {
  const mean = sumOf(differences) / differences.length;
  const squares = sumOf(differences.map((one) => (one - mean) ** 2));
  return mean <= Math.sqrt(squares / differences.length / (differences.length - 1));
}

/** How far off the newest quarter of a year the model is that has not seen it. */
export function holdOutOf(data: MixWeeks, strength: number): MixHoldOut {
  const origin = data.outcome.length - HOLD_OUT;
  const design = designOf(data, origin);
  const curves = curvesOf(design, bestFit(design, data.outcome.subarray(0, origin), { strength }));
  const came = [...data.outcome.subarray(origin)];
  const errorsOf = (expected: Column) => came.map((value, index) => value - (expected[origin + index] ?? 0));
  const errors = errorsOf(expectedOf(data, { basis: design.basis, curves, weeks: origin }));
  const naive = errorsOf(expectedOf(data, { basis: design.basis, curves: [], weeks: origin }));
  const mean = sumOf(came) / came.length;
  const part = (off: readonly number[]) => sumOf(off.map(Math.abs)) / sumOf(came.map(Math.abs));
  return {
    weeks: HOLD_OUT,
    error: part(errors),
    errorWithoutAds: part(naive),
    r2: 1 - sumOf(errors.map((error) => error ** 2)) / sumOf(came.map((value) => (value - mean) ** 2)),
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
