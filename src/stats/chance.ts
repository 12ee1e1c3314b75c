/**
 * What chance alone does to counted figures: how many standard errors two of them, or one and a limit, lie apart.
 *
 * Independent events (orders, new customers) scatter as Poisson: a count n has the variance n. A sum of amounts, one per event, is a
 * compound Poisson sum: relative variance (1 + c²)/n, c the coefficient of variation of the amounts. By the delta method the logarithm of
 * either has just that relative variance, and so has what is exactly known (spend) divided by it. Shares are compared as two proportions
 * with the pooled share. Sources: NIST/SEMATECH e-Handbook 7.3.3 (two proportions) and 6.3.3.1 (counts, limits at three standard errors);
 * G. Casella, R. Berger, Statistical Inference, 5.5.4 (delta method).
 */

/** Shewhart's limits: by chance one figure in 740 lies further away on one side. */
export const BEYOND_CHANCE = 3;

/** Relative variance of a figure, times the events behind it; of a sum with amounts that spread as wide as their mean (c = 1). */
export const DISPERSION = { count: 1, sum: 2 } as const;

/** A figure, and how many independent events are behind it; one that is exactly known has infinitely many. */
export interface Counted {
  readonly value: number;
  readonly events: number;
}

/**
 * Standard errors between the logarithms of two positive figures; negative: it fell. What is not positive has no logarithm: nothing, or
 * less than nothing, is infinitely far below something.
 */
export function ratioErrors(now: Counted, before: Counted, dispersion: number): number {
  if (now.value <= 0 || before.value <= 0) return distance(now.value - before.value, 0);
  return distance(Math.log(now.value / before.value), dispersion * (1 / now.events + 1 / before.events));
}

/** Standard errors between two shares (decimals) of `events` each; negative: it fell. */
export function shareErrors(now: Counted, before: Counted): number {
  const pooled = before.value + (now.value - before.value) * (now.events / (now.events + before.events));
  return distance(now.value - before.value, pooled * (1 - pooled) * (1 / now.events + 1 / before.events));
}

function distance(difference: number, variance: number): number {
  return difference === 0 ? 0 : difference / Math.sqrt(Math.max(0, variance));
}
