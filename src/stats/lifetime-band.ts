/** What is expected of a group of customers. */
export interface ExpectedGroup {
  readonly value: number;
  /** Sum of value² / orders over the customers: what chance in the number of orders weighs. */
  readonly weight: number;
}

/** How far off expectations of groups are. */
export interface ExpectationError {
  /** Variance of a customer's orders over what was expected, as measured on days held out; 1 is Poisson. */
  readonly dispersion: number;
  /** Squared coefficient of variation of an order's value: 1 / p of Gamma-Gamma. */
  readonly orderSpread: number;
  /** What the model was off in sum on the days held out, as a part of what it expected (0.1 = 10 %). */
  readonly bias: number;
}

/** 80 % of a normal distribution lie within so many standard deviations. */
const EIGHTY = 1.2815515655446004;

/**
 * The 80 % band of a group's value: chance, as a compound of dispersed counts and spread amounts (McCullagh and Nelder, "Generalized
 * Linear Models", 9.2, quasi-Poisson), and the model's own error in sum, which no number of customers averages out.
 */
export function expectedBand(
  { value, weight }: ExpectedGroup,
  { dispersion, orderSpread, bias }: ExpectationError,
): { readonly low: number; readonly high: number } {
  const spread = Math.sqrt((dispersion + orderSpread) * weight + (bias * value) ** 2);
  return { low: Math.max(0, value - EIGHTY * spread), high: value + EIGHTY * spread };
}
