/**
 * Weekly outcome = trend + season + what each channel brings, where a channel's spend acts on later weeks too (geometric adstock) and every
 * further unit of it brings less (saturation). Both as in Jin, Wang, Sun, Chan and Koehler, "Bayesian methods for media mix modeling with
 * carryover and shape effects" (2017).
 *
 * Saturation is Hill's curve with the exponent 1: x / (x + half). With a free exponent, half and exponent trade off against each other over
 * the spend that a shop has seen (section 2 there), and no history of a few years tells them apart. A logarithm or a power has one parameter as well, but
 * never ends, and a power's first unit brings infinitely much.
 *
 * Of each channel the carryover and the half are searched on a grid, the heights are a ridge regression that knows no negative ones.
 */
import { solveLinear } from "./linear-equations.js";
import { type Basis, basisOf, type Column, dot, without } from "./projection.js";

/** How a channel's spend acts: the part of a week's effect that is left a week later, and the weekly spend that brings half of what is possible. */
export interface MixShape {
  readonly carryover: number;
  readonly half: number;
}

/** A channel's effect: `most` is what no spend a week would exceed. */
export interface MixCurve extends MixShape {
  readonly most: number;
}

/** What a spend brings a week when it is kept up. */
export function broughtBy({ most, half }: MixCurve, spend: number): number {
  return (most * spend) / (spend + half);
}

/** What the next unit of spend brings. */
export function nextUnitBrings({ most, half }: MixCurve, spend: number): number {
  return (most * half) / (spend + half) ** 2;
}

/** The curve of `points` with this marginal return: up to which spend a unit brings more than `least`; below 0 where the first one does not. */
export function spendAtReturn({ most, half }: MixCurve, least: number): number {
  return Math.sqrt((most * half) / least) - half;
}

/** Spend as it acts: a share of each week's effect comes in the weeks after. What was spent before the first week is taken to be what it spent. */
export function carried(spend: readonly number[], carryover: number): Column {
  let acting = spend[0] ?? 0;
  return Float64Array.from(spend, (value) => {
    acting = (1 - carryover) * value + carryover * acting;
    return acting;
  });
}

/** What is explained and by what; columns of one length. */
export interface MixWeeks {
  readonly outcome: Column;
  /** Trend, season, holidays: never shrunk. */
  readonly controls: readonly Column[];
  readonly spends: readonly (readonly number[])[];
}

/** A choice of one shape per channel, and the weights of the shapes' columns. */
export interface MixFit {
  readonly chosen: readonly number[];
  readonly weights: readonly number[];
  /** Squared error and penalty, less the squared outcome: comparable between fits of one outcome. */
  readonly cost: number;
}

/** All shapes of all channels as columns of length 1, without what the controls explain, and their products. */
export interface MixDesign {
  readonly basis: Basis;
  readonly shapes: readonly MixShape[];
  readonly columns: readonly Column[];
  /** Lengths that the columns had; infinite where nothing was left. */
  readonly lengths: readonly number[];
  readonly products: readonly Column[];
  readonly channels: number;
}

const CARRYOVERS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8];
/** Of the channel's mean weekly spend in weeks with spend. Close to each other where curves of real channels lie: a range cannot be truer than the grid. */
const HALVES = [0.125, 0.18, 0.25, 0.35, 0.5, 0.7, 0.85, 1, 1.2, 1.4, 1.7, 2, 2.4, 2.8, 4, 5.6, 8];
const SHAPES = CARRYOVERS.length * HALVES.length;
/** Where the search begins: carryover 0.3, half at the mean. */
const FIRST_SHAPE = 3 * HALVES.length + HALVES.indexOf(1);
/** Less than this part of a curve's column is left: the controls explain it. */
const NOTHING = 1e-8;
const MOST_ROUNDS = 30;
/** Costs are alike within this part of the squared outcome. */
const SAME = 1e-12;

/** The design of the first `weeks`. */
export function designOf({ controls, spends }: MixWeeks, weeks: number): MixDesign {
  const basis = basisOf(controls.map((column) => column.subarray(0, weeks)));
  const [shapes, columns, lengths]: [MixShape[], Column[], number[]] = [[], [], []];
  for (const spend of spends) {
    const spent = spend.filter((value) => value > 0);
    const mean = spent.reduce((sum, value) => sum + value, 0) / spent.length;
    for (const carryover of CARRYOVERS) {
      const acting = carried(spend.slice(0, weeks), carryover);
      for (const times of HALVES) {
        const half = times * mean;
        const column = without(
          acting.map((value) => value / (value + half)),
          basis.directions,
        );
        const length = Math.sqrt(dot(column, column));
        const isThere = length > NOTHING * weeks;
        shapes.push({ carryover, half });
        columns.push(column.map((value) => (isThere ? value / length : 0)));
        lengths.push(isThere ? length : Number.POSITIVE_INFINITY);
      }
    }
  }
  return { basis, shapes, columns, lengths, products: productsOf(columns), channels: spends.length };
}

/** The products of each column with all. */
function productsOf(columns: readonly Column[]): readonly Column[] {
  const products = columns.map(() => new Float64Array(columns.length));
  products.forEach((row, index) => {
    const column = columns[index] ?? row;
    for (let other = 0; other < index; other += 1) row[other] = products[other]?.[index] ?? 0;
    for (let other = index; other < columns.length; other += 1) row[other] = dot(column, columns[other] ?? row);
  });
  return products;
}

/** How a fit is searched: the strength of the ridge, where to begin, and a channel that stays out. */
export interface MixSearch {
  readonly strength: number;
  readonly from?: readonly number[];
  readonly leftOut?: number;
}

/**
 * The shapes and weights with the least cost, channel by channel until nothing gets better. The outcome's length says how many weeks.
 * Deterministic: ties go to the shape that comes first.
 */
export function bestFit(design: MixDesign, outcome: Column, { strength, from, leftOut }: MixSearch): MixFit {
  const rest = without(outcome, design.basis.directions);
  const right = new Float64Array(design.columns.length);
  design.columns.forEach((column, index) => {
    right[index] = dot(column, rest);
  });
  const all = Array.from({ length: design.channels }, (_, channel) => channel);
  // A channel that stays out has a shape, but nothing to explain.
  if (leftOut !== undefined) right.fill(Number.NEGATIVE_INFINITY, leftOut * SHAPES, (leftOut + 1) * SHAPES);
  const chosen = [...(from ?? all.map((channel) => channel * SHAPES + FIRST_SHAPE))];
  const weights = new Float64Array(design.channels);
  const problem = { chosen, strength, weights };
  let cost = fitWeights(design.products, right, problem);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    let isBetter = false;
    for (const channel of all.filter((one) => one !== leftOut)) {
      const shape = bestShape(design, right, problem, channel);
      if (shape === chosen[channel]) continue;
      const before = chosen[channel] ?? shape;
      chosen[channel] = shape;
      const found = fitWeights(design.products, right, problem);
      if (found < cost - SAME) isBetter = true;
      else chosen[channel] = before;
      cost = Math.min(cost, found);
    }
    if (!isBetter) break;
  }
  return { chosen, weights: [...weights], cost: fitWeights(design.products, right, problem) };
}

/** The shape of a channel that explains most of what the others leave; its own one where none explains anything. */
function bestShape({ products }: MixDesign, right: Column, problem: RidgeProblem, channel: number): number {
  let [best, most] = [problem.chosen[channel] ?? 0, 0];
  for (let shape = channel * SHAPES; shape < (channel + 1) * SHAPES; shape += 1) {
    const left = (right[shape] ?? 0) - toldByOthers(products[shape], problem, channel);
    if (left > most) [best, most] = [shape, left];
  }
  return best;
}

/** One ridge regression: which columns, how strong, and the weights, which are changed: they are where it begins, and where it ends. */
export interface RidgeProblem {
  readonly chosen: readonly number[];
  readonly strength: number;
  readonly weights: Float64Array;
}

/**
 * Non-negative ridge regression on columns of length 1, by cyclic coordinate descent, from their products with each other and with the outcome:
 * min |y - Xw|² + strength |w|², w >= 0. Returns the minimum less |y|².
 */
export function fitWeights(products: readonly Column[], right: Column, problem: RidgeProblem): number {
  const { chosen, strength, weights } = problem;
  const size = chosen.length;
  for (let round = 0; round < 1000; round += 1) {
    let moved = 0;
    for (let index = 0; index < size; index += 1) {
      const column = chosen[index] ?? 0;
      const left = (right[column] ?? 0) - toldByOthers(products[column], problem, index);
      const weight = Math.max(0, left / (1 + strength));
      moved = Math.max(moved, Math.abs(weight - (weights[index] ?? 0)));
      weights[index] = weight;
    }
    if (moved < 1e-10) break;
  }
  let cost = 0;
  // At the minimum each weight that is not 0 meets its equation, so the cost is minus what the weights and the outcome have in common.
  for (let index = 0; index < size; index += 1)
    if ((weights[index] ?? 0) > 0) cost -= (weights[index] ?? 0) * (right[chosen[index] ?? 0] ?? 0);
  return cost;
}

/** What a column has in common with the channels but one. */
function toldByOthers(products: Column | undefined, { chosen, weights }: RidgeProblem, own: number): number {
  let told = 0;
  for (let other = 0; other < chosen.length; other += 1)
    if (other !== own) told += (products?.[chosen[other] ?? 0] ?? 0) * (weights[other] ?? 0);
  return told;
}

/** The curves of a fit. */
export function curvesOf({ shapes, lengths }: MixDesign, { chosen, weights }: MixFit): readonly MixCurve[] {
  return chosen.map((shape, channel) => {
    const { carryover, half } = shapes[shape] ?? { carryover: 0, half: 1 };
    return { carryover, half, most: (weights[channel] ?? 0) / (lengths[shape] ?? Number.POSITIVE_INFINITY) };
  });
}

/** What channels brought in every week. */
export function broughtIn(spends: MixWeeks["spends"], curves: readonly MixCurve[]): Column {
  const weeks = spends[0]?.length ?? 0;
  const all = new Float64Array(weeks);
  curves.forEach((curve, channel) => {
    if (curve.most === 0) return;
    carried(spends[channel] ?? [], curve.carryover).forEach((spend, week) => {
      all[week] = (all[week] ?? 0) + broughtBy(curve, spend);
    });
  });
  return all;
}

/** The outcome of all weeks as a model of the first `weeks` expects it: the channels' curves, and the controls by least squares of what these leave. */
export function expectedOf(
  { outcome, controls, spends }: MixWeeks,
  { basis, curves, weeks }: { readonly basis: Basis; readonly curves: readonly MixCurve[]; readonly weeks: number },
): Column {
  const media = curves.length === 0 ? new Float64Array(outcome.length) : broughtIn(spends, curves);
  const kept = basis.kept.flatMap((index) => controls[index] ?? []);
  const taught = kept.map((column) => column.subarray(0, weeks));
  const left = outcome.subarray(0, weeks).map((value, week) => value - (media[week] ?? 0));
  const coefficients = solveLinear(
    taught.map((column) => taught.map((other) => dot(column, other))),
    taught.map((column) => dot(column, left)),
  );
  return media.map((value, week) =>
    kept.reduce((sum, column, index) => sum + (coefficients[index] ?? 0) * (column[week] ?? 0), value),
  );
}
