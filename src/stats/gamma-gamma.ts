/**
 * What a purchase of a customer is worth: the Gamma-Gamma model of Fader and Hardie ("The Gamma-Gamma Model of Monetary Value", 2013) by
 * maximum likelihood. Purchases of a customer scatter about a mean of their own (gamma: p), and the means differ (gamma: q, v). How much
 * and how often are taken as unrelated.
 */
import type { Fit } from "./bg-nbd.js";
import { LEAST_CUSTOMERS } from "./bg-nbd.js";
import { logGamma } from "./log-gamma.js";
import { minimise } from "./nelder-mead.js";

/** Customers who repeated equally often, with about the same mean. */
export interface ValueClass {
  /** Purchases behind the mean, at least 1. */
  readonly repeats: number;
  /** Mean of a repeat purchase, above 0; v is in its unit. */
  readonly mean: number;
  readonly customers: number;
}

/** The parameters. */
export interface GammaGamma {
  readonly p: number;
  readonly q: number;
  readonly v: number;
  readonly logLikelihood: number;
}

/** Why amounts give no model. */
export type ValueRefusal =
  | "too_few_repeaters"
  /** All spend alike: p or q runs away. */
  | "values_alike"
  /** q is not above 1: the mean over all customers is infinite. */
  | "no_mean_value";

const BOUNDS = { least: 1e-3, most: 1e3 } as const;

/** Fits the model; amounts should be of a size between 1 and some thousands: a currency's main unit. */
export function fitGammaGamma(classes: readonly ValueClass[]): Fit<GammaGamma, ValueRefusal> {
  const customers = classes.reduce((sum, one) => sum + one.customers, 0);
  if (customers < LEAST_CUSTOMERS.repeaters) return { status: "refused", because: "too_few_repeaters" };
  const mean = classes.reduce((sum, one) => sum + one.customers * one.mean, 0) / customers;
  const surprise = (point: readonly number[]) => -logLikelihood(parametersAt(point), classes);
  const first = minimise(surprise, [4, 3, mean / 2].map(Math.log));
  const found = minimise(surprise, first.point, { step: 0.1, tolerance: 1e-13 });
  const model = { ...parametersAt(found.point), logLikelihood: -found.value };
  if (model.q <= 1) return { status: "refused", because: "no_mean_value" };
  if (model.p > BOUNDS.most || model.q > BOUNDS.most || model.p < BOUNDS.least)
    return { status: "refused", because: "values_alike" };
  return { status: "ok", model };
}

type Parameters = Omit<GammaGamma, "logLikelihood">;

function parametersAt(point: readonly number[]): Parameters {
  const [p = 0, q = 0, v = 0] = point.map(Math.exp);
  return { p, q, v };
}

function logLikelihood({ p, q, v }: Parameters, classes: readonly ValueClass[]): number {
  const fixed = new Map<number, number>();
  const ofRepeats = (x: number): number => {
    const known = fixed.get(x);
    if (known !== undefined) return known;
    const value = logGamma(p * x + q) - logGamma(p * x) - logGamma(q) + q * Math.log(v) + p * x * Math.log(x);
    fixed.set(x, value);
    return value;
  };
  return classes.reduce((sum, { repeats: x, mean, customers }) => {
    const own = (p * x - 1) * Math.log(mean) - (p * x + q) * Math.log(x * mean + v);
    return sum + customers * (ofRepeats(x) + own);
  }, 0);
}

/**
 * Expected value of a purchase of a customer: the mean of all, drawn towards their own by what is known of them. Without a repeat it is
 * the mean of all, p v / (q - 1).
 */
export function expectedValue({ p, q, v }: Parameters, seen: Pick<ValueClass, "repeats" | "mean">): number {
  return (p * (v + seen.repeats * seen.mean)) / (p * seen.repeats + q - 1);
}
