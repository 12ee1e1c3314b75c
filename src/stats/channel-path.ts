/** Journeys that met the same channels in the same order, counted: what attribution by data is computed from. */
export interface ChannelPath {
  /** In order of time; one channel may come more than once. */
  readonly channels: readonly string[];
  /** How many of the journeys ended in an order; at most `journeys`. */
  readonly conversions: number;
  readonly journeys: number;
}

/** Weights as shares of 1. Null when none of them is positive: nothing can be divided by them. */
export function sharesOf(weights: ReadonlyMap<string, number>): ReadonlyMap<string, number> | null {
  // A credit cannot be negative: what a channel would take away is not given to it.
  const positive = [...weights].map(([channel, weight]) => [channel, Math.max(weight, 0)] as const);
  const sum = positive.reduce((all, [, weight]) => all + weight, 0);
  return sum > 0 ? new Map(positive.map(([channel, weight]) => [channel, weight / sum])) : null;
}

/** The channels of all paths, each once, sorted: the order of the input must not reach the digits of a result. */
export function channelsOf(paths: readonly ChannelPath[]): readonly string[] {
  return [...new Set(paths.flatMap(({ channels }) => channels))].sort();
}
