/**
 * How sure a media mix model is, by drawing weeks that might have been: what the model expects, and blocks of its own errors put to them in
 * another order (Künsch 1989, "The jackknife and the bootstrap for general stationary observations"), fitted anew, shapes included.
 */
import {
  bestFit,
  curvesOf,
  expectedOf,
  type MixCurve,
  type MixDesign,
  type MixFit,
  type MixWeeks,
} from "./mix-model.js";
import type { Column } from "./projection.js";
import { uniformNumbers } from "./uniform-numbers.js";

const SEED = 42;
const DRAWS = 200;
const TESTS = 99;
/** Weeks that are drawn together: errors of neighbours are alike. */
const BLOCK = 6;
/** What a channel's weight and shape take from the weeks that errors are judged by. */
const TAKEN_BY_CHANNEL = 2;

/** A fit and what it was made from. */
export interface FittedMix {
  readonly data: MixWeeks;
  readonly design: MixDesign;
  readonly strength: number;
  readonly fit: MixFit;
}

/** The curves of all channels as other weeks would have shown them. */
export function drawnCurves({ data, design, strength, fit }: FittedMix): readonly (readonly MixCurve[])[] {
  const draw = redrawn({ data, design, strength, fit }, design.channels);
  return Array.from({ length: DRAWS }, () => curvesOf(design, bestFit(design, draw(), { strength, from: fit.chosen })));
}

/**
 * How often a channel without any effect would make the fit as much better as this one does: drawn from the model without it. The search for
 * the best shape finds something in any noise, so that an interval of the weight alone would be too sure.
 */
export function chanceOfNothing({ data, design, strength, fit }: FittedMix, channel: number): number {
  const search = { strength, from: fit.chosen };
  const nothing = bestFit(design, data.outcome, { ...search, leftOut: channel });
  const draw = redrawn({ data, design, strength, fit: nothing }, design.channels - 1);
  const gain = nothing.cost - fit.cost;
  let asGood = 1;
  for (let test = 0; test < TESTS; test += 1) {
    const outcome = draw();
    const without = bestFit(design, outcome, { strength, from: nothing.chosen, leftOut: channel });
    if (without.cost - bestFit(design, outcome, search).cost >= gain) asGood += 1;
  }
  return asGood / (TESTS + 1);
}

/** Weeks that might have been, each call others: deterministic, every use begins with the same seed. */
function redrawn({ data, design, fit }: FittedMix, channels: number): () => Column {
  const weeks = data.outcome.length;
  const expected = expectedOf(data, { basis: design.basis, curves: curvesOf(design, fit), weeks });
  // Errors of a fit are smaller than those of the truth.
  const widened = Math.sqrt(weeks / (weeks - design.basis.kept.length - TAKEN_BY_CHANNEL * channels));
  const errors = data.outcome.map((value, week) => value - (expected[week] ?? 0));
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const uniform = uniformNumbers(SEED);
  return () => {
    let from = 0;
    return expected.map((value, week) => {
      if (week % BLOCK === 0) from = Math.floor(uniform() * errors.length);
      return value + ((errors[(from + (week % BLOCK)) % errors.length] ?? 0) - mean) * widened;
    });
  };
}

/** A value that a part of the values lies below, linear between the nearest two. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * part;
  const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}
