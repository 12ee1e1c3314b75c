import { uniformNumbers } from "../stats/uniform-numbers.js";

/** A customer as BG/NBD sees one, in weeks, and the purchases of the weeks after. */
export interface Shopper {
  readonly repeats: number;
  readonly recency: number;
  readonly age: number;
  readonly customers: 1;
  readonly later: number;
}

/**
 * Customers drawn from BG/NBD with seed 42: r = 2 (two exponentials), alpha = `alpha`, a = 1 and b = 3 (the smallest of three uniforms), who
 * came evenly within the first seven tenths of `weeks`, and what they bought in the `later` weeks after.
 */
export function drawnShoppers(
  count: number,
  { alpha, weeks, later }: { readonly alpha: number; readonly weeks: number; readonly later: number },
): readonly Shopper[] {
  const uniform = uniformNumbers(42);
  const exponential = (mean: number) => -mean * Math.log(1 - uniform());
  return Array.from({ length: count }, () => {
    const rate = exponential(1 / alpha) + exponential(1 / alpha);
    const stop = Math.min(uniform(), uniform(), uniform());
    const age = weeks * (0.3 + 0.7 * uniform());
    const times: number[] = [];
    for (let at = exponential(1 / rate); at < age + later; at += exponential(1 / rate)) {
      times.push(at);
      if (uniform() < stop) break;
    }
    const seen = times.filter((at) => at < age);
    return { repeats: seen.length, recency: seen.at(-1) ?? 0, age, customers: 1, later: times.length - seen.length };
  });
}
