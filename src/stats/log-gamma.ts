/** Lanczos' coefficients for g = 7, n = 9 (Godfrey); relative error below 1e-14 for positive numbers. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;
const HALF_LOG_TWO_PI = 0.9189385332046727;

/** Natural logarithm of the gamma function of a positive number. */
export function logGamma(x: number): number {
  // Below one half the series loses digits: gamma(x) = gamma(x + 1) / x.
  if (x < 0.5) return logGamma(x + 1) - Math.log(x);
  const [first, ...rest] = LANCZOS;
  const sum = rest.reduce((all, coefficient, index) => all + coefficient / (x + index), first as number);
  const base = x + 6.5;
  return HALF_LOG_TWO_PI + (x - 0.5) * Math.log(base) - base + Math.log(sum);
}
