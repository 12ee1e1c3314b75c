/**
 * How often customers buy and whether they still do: the BG/NBD model of Fader, Hardie and Lee ("Counting Your Customers the Easy Way",
 * Marketing Science 24, 2005) by maximum likelihood. While alive a customer buys at a rate of their own (gamma: r, alpha), and after each
 * repeat stops with a chance of their own (beta: a, b). Fewer customers than hold it together, or a course that any parameters explain
 * as well, are refused by name: a model that cannot be told from others predicts nothing.
 */
import { logGamma } from "./log-gamma.js";
import { minimise } from "./nelder-mead.js";

/** Customers who look alike to the model. Times in one unit, from the first purchase: to the last one, and to the end. */
export interface PurchaseClass {
  /** Purchases after the first; several of a day are one. */
  readonly repeats: number;
  /** 0 without a repeat. */
  readonly recency: number;
  readonly age: number;
  readonly customers: number;
}

/** The parameters; alpha is in the unit of time. */
export interface BgNbd {
  readonly r: number;
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
  readonly logLikelihood: number;
}

/** A model, or why there is none. */
export type Fit<Model, Because extends string> =
  | { readonly status: "ok"; readonly model: Model }
  | { readonly status: "refused"; readonly because: Because };

/** Why purchases give no model: each is named by what they lack. */
export type RepeatRefusal =
  | "too_few_customers"
  | "too_few_repeaters"
  /** All buy equally often, or as if: r and alpha run away together. */
  | "rates_alike"
  /** Nobody can be told to have stopped, or all stop alike: a or b runs away. */
  | "stops_not_seen";

/** Fewest customers, and fewest of them with a repeat: below, the four parameters are guesses. */
export const LEAST_CUSTOMERS = { all: 100, repeaters: 30 } as const;

/** A parameter beyond these has run away: the data say only that it is large, or small. */
const BOUNDS = { least: 1e-3, most: 1e3 } as const;

/** As many classes are fitted one by one; of more, those that lie close together are taken at their mean. */
const MOST_CLASSES = 4000;

/** Fits the model. The unit of time should leave ages between 1 and some hundreds: weeks, for a shop. */
export function fitBgNbd(classes: readonly PurchaseClass[]): Fit<BgNbd, RepeatRefusal> {
  const count = (some: readonly PurchaseClass[]) => some.reduce((sum, { customers }) => sum + customers, 0);
  if (count(classes) < LEAST_CUSTOMERS.all) return { status: "refused", because: "too_few_customers" };
  if (count(classes.filter(({ repeats }) => repeats > 0)) < LEAST_CUSTOMERS.repeaters)
    return { status: "refused", because: "too_few_repeaters" };
  const few = merged(classes);
  const surprise = (point: readonly number[]) => -logLikelihood(parametersAt(point), few);
  const first = minimise(surprise, [0.5, 5, 0.7, 2].map(Math.log));
  const early = runaway(parametersAt(first.point));
  if (early !== null) return { status: "refused", because: early };
  // Started again from where it ended, a simplex that had collapsed opens up.
  const found = minimise(surprise, first.point, { step: 0.1, tolerance: 1e-13 });
  const model = { ...parametersAt(found.point), logLikelihood: -found.value };
  const because = runaway(model);
  return because === null ? { status: "ok", model } : { status: "refused", because };
}

function runaway({ r, alpha, a, b }: Parameters): RepeatRefusal | null {
  const isAway = (value: number) => value < BOUNDS.least || value > BOUNDS.most;
  if (isAway(r) || isAway(alpha)) return "rates_alike";
  return isAway(a) || isAway(b) ? "stops_not_seen" : null;
}

/** Classes in cells of as many units of time as leave few enough, each at the mean of its customers. */
function merged(classes: readonly PurchaseClass[]): readonly PurchaseClass[] {
  let [few, width] = [classes, 1];
  while (few.length > MOST_CLASSES && width <= 1024) {
    const cells = new Map<string, PurchaseClass>();
    for (const one of classes) {
      const key = `${one.repeats} ${Math.floor(one.recency / width)} ${Math.floor(one.age / width)}`;
      const cell = cells.get(key);
      cells.set(key, cell === undefined ? one : together(cell, one));
    }
    few = [...cells.values()];
    width *= 2;
  }
  return few;
}

function together(a: PurchaseClass, b: PurchaseClass): PurchaseClass {
  const customers = a.customers + b.customers;
  const mean = (one: number, other: number) => (one * a.customers + other * b.customers) / customers;
  return { repeats: a.repeats, recency: mean(a.recency, b.recency), age: mean(a.age, b.age), customers };
}

type Parameters = Omit<BgNbd, "logLikelihood">;

function parametersAt(point: readonly number[]): Parameters {
  const [r = 0, alpha = 0, a = 0, b = 0] = point.map(Math.exp);
  return { r, alpha, a, b };
}

function logLikelihood(model: Parameters, classes: readonly PurchaseClass[]): number {
  const { r, alpha, a, b } = model;
  // What depends on the number of repeats alone is the same for thousands of customers.
  const fixed = new Map<number, number>();
  const ofRepeats = (x: number): number => {
    const known = fixed.get(x);
    if (known !== undefined) return known;
    const rate = logGamma(r + x) - logGamma(r) + r * Math.log(alpha);
    const stay = logGamma(a + b) + logGamma(b + x) - logGamma(b) - logGamma(a + b + x);
    fixed.set(x, rate + stay);
    return rate + stay;
  };
  return classes.reduce((sum, one) => sum + one.customers * (ofRepeats(one.repeats) + logStaying(model, one)), 0);
}

/** Logarithm of the sum of "still alive" and, with a repeat, "stopped at the last one". */
function logStaying({ r, alpha, a, b }: Parameters, { repeats: x, recency, age }: PurchaseClass): number {
  const alive = -(r + x) * Math.log(alpha + age);
  if (x === 0) return alive;
  const stopped = Math.log(a) - Math.log(b + x - 1) - (r + x) * Math.log(alpha + recency);
  const most = Math.max(alive, stopped);
  return most + Math.log(Math.exp(alive - most) + Math.exp(stopped - most));
}

/** Chance that a customer still buys; 1 before the first repeat, for nobody stops before. */
export function aliveProbability(model: Parameters, seen: Omit<PurchaseClass, "customers">): number {
  return seen.repeats === 0 ? 1 : 1 / (1 + stoppedOdds(model, seen));
}

function stoppedOdds({ r, alpha, a, b }: Parameters, { repeats: x, recency, age }: Omit<PurchaseClass, "customers">) {
  return (a / (b + x - 1)) * ((alpha + age) / (alpha + recency)) ** (r + x);
}

/**
 * Expected purchases of such a customer within `time` from now (equation 10 of the paper). Its Gauss series is taken in Euler's other form,
 * (1 - z)^(c - a - b) F(c - a, c - b; c; z), which converges also where z is near 1.
 */
export function expectedRepeats(model: Parameters, seen: Omit<PurchaseClass, "customers">, time: number): number {
  const { r, alpha, b } = model;
  // At a = 1 numerator and denominator are 0; beside it the quotient is the same to nine digits.
  const a = Math.abs(model.a - 1) < 1e-6 ? 1 + 1e-6 : model.a;
  const c = a + b + seen.repeats - 1;
  const left = (alpha + seen.age) / (alpha + seen.age + time);
  const series = gaussSeries([a + b - 1 - r, a - 1, c], 1 - left);
  const whileAlive = (c / (a - 1)) * (1 - left ** (a - 1) * series);
  return whileAlive * aliveProbability({ ...model, a }, seen);
}

/** 2F1(a, b; c; z), 0 <= z < 1. */
function gaussSeries([a, b, c]: readonly [number, number, number], z: number): number {
  let [term, sum] = [1, 1];
  for (let n = 0; n < 10_000 && Math.abs(term) > 1e-15 * Math.abs(sum); n += 1) {
    term *= ((a + n) * (b + n) * z) / ((c + n) * (n + 1));
    sum += term;
  }
  return sum;
}
