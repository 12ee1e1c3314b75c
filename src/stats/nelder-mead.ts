/**
 * Minimum of a function of a few numbers without derivatives: the downhill simplex of Nelder and Mead (1965, "A simplex method for
 * function minimization") with the usual coefficients 1, 2, 1/2, 1/2. Deterministic: the same function and start give the same answer.
 */

/** Where the function is smallest, as far as was found. */
export interface Minimum {
  readonly point: readonly number[];
  readonly value: number;
  /** False when the calls ran out before the simplex had shrunk. */
  readonly converged: boolean;
}

/** How far to look. */
export interface MinimiseOptions {
  /** First step along each axis. Default 0.5. */
  readonly step?: number;
  /** Ends when the values of the simplex differ by less than this part of them, and its corners by less than its root. Default 1e-10. */
  readonly tolerance?: number;
  /** Default 600 for each number. */
  readonly mostCalls?: number;
}

interface Corner {
  readonly point: readonly number[];
  readonly value: number;
}

/** Minimises `of` from `start`. What is no number counts as infinitely bad, so `of` may say so where it is not defined. */
export function minimise(
  of: (point: readonly number[]) => number,
  start: readonly number[],
  { step = 0.5, tolerance = 1e-10, mostCalls = 600 * start.length }: MinimiseOptions = {},
): Minimum {
  let calls = 0;
  const corner = (point: readonly number[]): Corner => {
    calls += 1;
    const value = of(point);
    return { point, value: Number.isNaN(value) ? Number.POSITIVE_INFINITY : value };
  };
  const axes = start.map((_, axis) => start.map((number, index) => number + (index === axis ? step : 0)));
  let simplex = sorted([start, ...axes].map(corner));
  while (calls < mostCalls && !isSmall(simplex, tolerance)) simplex = sorted(moved(simplex, corner));
  const [best] = simplex;
  return { point: best?.point ?? start, value: best?.value ?? Number.NaN, converged: isSmall(simplex, tolerance) };
}

/** The simplex with its worst corner reflected, or all corners drawn to the best one. */
function moved(simplex: readonly Corner[], corner: (point: readonly number[]) => Corner): readonly Corner[] {
  const [best, worst, second] = [simplex[0], simplex.at(-1), simplex.at(-2)];
  if (best === undefined || worst === undefined || second === undefined) return simplex;
  const others = simplex.slice(0, -1);
  const centre = worst.point.map((_, index) => mean(others.map(({ point }) => point[index] ?? 0)));
  const along = (factor: number) =>
    corner(centre.map((number, index) => number + factor * (number - (worst.point[index] ?? 0))));
  const reflected = along(1);
  if (reflected.value < best.value) {
    const expanded = along(2);
    return [...others, expanded.value < reflected.value ? expanded : reflected];
  }
  if (reflected.value < second.value) return [...others, reflected];
  const contracted = along(reflected.value < worst.value ? 0.5 : -0.5);
  if (contracted.value < Math.min(reflected.value, worst.value)) return [...others, contracted];
  const halfway = (point: readonly number[]) => point.map((number, index) => (number + (best.point[index] ?? 0)) / 2);
  return [best, ...simplex.slice(1).map(({ point }) => corner(halfway(point)))];
}

function isSmall(simplex: readonly Corner[], tolerance: number): boolean {
  const [best, worst] = [simplex[0], simplex.at(-1)];
  if (best === undefined || worst === undefined) return true;
  const size = Math.max(...worst.point.map((number, index) => Math.abs(number - (best.point[index] ?? 0))));
  const spread = worst.value - best.value;
  return spread === 0 || (spread <= tolerance * (Math.abs(best.value) + tolerance) && size <= Math.sqrt(tolerance));
}

function sorted(corners: readonly Corner[]): readonly Corner[] {
  return [...corners].sort((a, b) => a.value - b.value);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
