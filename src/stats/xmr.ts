/**
 * Process-behaviour (XmR) charts: which points of a series are more than its usual noise.
 * Source: D. J. Wheeler, Understanding Variation; constants for moving ranges of two points. Definitions as xmrit draws them, but for
 * equality: a point on the centre is on neither side, so it ends a run.
 */

/** Distance of the natural process limits, and of the upper range limit, in mean or median moving ranges. */
export const SCALE = {
  mean: { natural: 2.66, range: 3.268 },
  median: { natural: 3.145, range: 3.865 },
} as const;

/** Points below which there are no limits, and below which they are provisional. */
export const POINTS = { least: 6, settled: 17 } as const;

/** How limits are made. */
export interface XmrOptions {
  /** The average that stands for centre and noise. The median bears single outliers in the baseline. */
  readonly limits: "mean" | "median";
  /** A count or a rate cannot be negative: its lower limit ends at 0. */
  readonly clampAtZero: boolean;
}

/** Natural process limits, in the unit of the values. */
export interface Limits {
  readonly centre: number;
  readonly upper: number;
  readonly lower: number;
  /** Mean or median moving range, and the limit above which a single range is unusual. */
  readonly movingRange: number;
  readonly upperRange: number;
  /** Points that they were made from. */
  readonly points: number;
  readonly provisional: boolean;
}

/** Which of the three rules a point is part of. */
export type XmrRule = "outside" | "run_of_8" | "3_of_4_near_limit";

/** A point that is more than noise. */
export interface XmrSignal {
  readonly rule: XmrRule;
  readonly side: "above" | "below";
  /** Index of the first point of the pattern; the last is the point itself. */
  readonly since: number;
}

/** The differences of neighbours, without sign: one fewer than there are values. */
export function movingRanges(values: readonly number[]): readonly number[] {
  return values.slice(1).map((value, index) => Math.abs(value - (values[index] ?? 0)));
}

/** Limits of a baseline; null below six points. */
export function limitsOf(values: readonly number[], options: XmrOptions): Limits | null {
  return values.length < POINTS.least ? null : limitsOfAny(values, options);
}

/** The same without the least number of points, for conformance with published examples. At least two values. */
export function limitsOfAny(values: readonly number[], { limits, clampAtZero }: XmrOptions): Limits {
  const average = limits === "mean" ? mean : median;
  const [centre, movingRange] = [average(values), average(movingRanges(values))];
  const { natural, range } = SCALE[limits];
  const lower = centre - natural * movingRange;
  return {
    centre,
    upper: centre + natural * movingRange,
    lower: clampAtZero ? Math.max(0, lower) : lower,
    movingRange,
    upperRange: range * movingRange,
    points: values.length,
    provisional: values.length < POINTS.settled,
  };
}

/**
 * The strongest signal of which the point at `index` is the end: outside a limit, before three of four nearer to a limit than to the
 * centre (all on one side, the point itself among them), before eight in a row on one side. Null: it is noise. Comparisons are strict.
 */
export function signalAt(values: readonly number[], index: number, limits: Limits): XmrSignal | null {
  const value = values[index];
  if (value === undefined) return null;
  if (value > limits.upper) return { rule: "outside", side: "above", since: index };
  if (value < limits.lower) return { rule: "outside", side: "below", since: index };
  const side = sideOf(value, limits);
  if (side === null) return null;
  return nearLimit(values, { index, side, limits }) ?? runOf8(values, { index, side, limits });
}

/**
 * The strongest signal that each point is part of, not only the one that completes it: all of a run, and of three of four those that are
 * near the limit. Null: it is noise.
 */
export function signalsOf(values: readonly number[], limits: Limits): readonly (XmrSignal | null)[] {
  const found: (XmrSignal | null)[] = values.map(() => null);
  values.forEach((_, index) => {
    const signal = signalAt(values, index, limits);
    if (signal === null) return;
    for (let at = signal.since; at <= index; at += 1) {
      const value = values[at] ?? limits.centre;
      const isPart = signal.rule !== "3_of_4_near_limit" || isNearer(value, signal.side, limits);
      if (isPart && isStronger(signal, found[at] ?? null)) found[at] = signal;
    }
  });
  return found;
}

const STRENGTH: Readonly<Record<XmrRule, number>> = { outside: 3, "3_of_4_near_limit": 2, run_of_8: 1 };

function isStronger(signal: XmrSignal, other: XmrSignal | null): boolean {
  return other === null || STRENGTH[signal.rule] > STRENGTH[other.rule];
}

interface Place {
  readonly index: number;
  readonly side: XmrSignal["side"];
  readonly limits: Limits;
}

function nearLimit(values: readonly number[], { index, side, limits }: Place): XmrSignal | null {
  const isNear = (value: number | undefined) => value !== undefined && isNearer(value, side, limits);
  const window = [index - 3, index - 2, index - 1, index].filter((at) => at >= 0 && isNear(values[at]));
  const [since = index] = window;
  return isNear(values[index]) && window.length >= 3 ? { rule: "3_of_4_near_limit", side, since } : null;
}

function isNearer(value: number, side: XmrSignal["side"], { centre, upper, lower }: Limits): boolean {
  return side === "above" ? value > (centre + upper) / 2 : value < (centre + lower) / 2;
}

/** A run that went on before counts from its beginning. */
function runOf8(values: readonly number[], { index, side, limits }: Place): XmrSignal | null {
  const before = values.slice(0, index + 1).findLastIndex((value) => sideOf(value, limits) !== side);
  return index - before >= 8 ? { rule: "run_of_8", side, since: before + 1 } : null;
}

function sideOf(value: number, { centre }: Limits): XmrSignal["side"] | null {
  if (value === centre) return null;
  return value > centre ? "above" : "below";
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return (low + high) / 2;
}
