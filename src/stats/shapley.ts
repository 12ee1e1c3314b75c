/**
 * Attribution as a cooperative game (Shapley 1953): the players are the channels of a journey, a coalition is worth the share of
 * journeys with exactly these channels that ended in an order. Beside the exact value there is what Google's Fractribution, and
 * Snowplow's package after it, publish under the same name: the effect of leaving out one step of the path.
 */
import { type ChannelPath, sharesOf } from "./channel-path.js";

/** So many players have 65,536 coalitions; the rules know fewer channels. */
export const MOST_PLAYERS = 16;

/** The players' values, or that there are too many players to be exact. */
export type ShapleyAnswer =
  | { readonly status: "ok"; readonly values: ReadonlyMap<string, number> }
  | { readonly status: "too_many_players"; readonly players: number; readonly most: number };

/**
 * Each player's mean contribution over all orders in which the players could have joined; the values add up to the worth of all
 * together less that of nobody. Exact: all 2^n coalitions are asked, `worth` once for each.
 */
export function shapleyValues(
  players: readonly string[],
  worth: (coalition: readonly string[]) => number,
): ShapleyAnswer {
  const sorted = [...new Set(players)].sort();
  const count = sorted.length;
  if (count > MOST_PLAYERS) return { status: "too_many_players", players: count, most: MOST_PLAYERS };
  const worths = Array.from({ length: 2 ** count }, (_, mask) => worth(sorted.filter((_p, bit) => has(mask, bit))));
  const weights = joinWeights(count);
  const values = sorted.map((player, bit) => {
    let value = 0;
    for (let mask = 0; mask < worths.length; mask++) {
      if (has(mask, bit)) continue;
      value += (weights[sizeOf(mask)] ?? 0) * ((worths[mask | (1 << bit)] ?? 0) - (worths[mask] ?? 0));
    }
    return [player, value] as const;
  });
  return { status: "ok", values: new Map(values) };
}

/** How journeys with these channels are divided among them; null: none of them added anything. */
export type PathShares = (channels: readonly string[]) => ReadonlyMap<string, number> | null;

/** Shares by Shapley's value; a journey of more than `MOST_PLAYERS` channels is not divided. */
export function shapleyShares(paths: readonly ChannelPath[]): PathShares {
  const rates = conversionRates(paths, (channels) => [...new Set(channels)].sort());
  return remembered((channels) => {
    const answer = shapleyValues(channels, (coalition) => rates.get(coalition.join(SEPARATOR)) ?? 0);
    return answer.status === "ok" ? sharesOf(answer.values) : null;
  });
}

/**
 * Shares as Fractribution computes them: of each step its path's conversion rate less that of the path without the step, not below 0,
 * divided by their sum; a path of one step is its own. Equal neighbours are one step. Compared are ordered paths, not sets.
 */
export function fractributionShares(paths: readonly ChannelPath[]): PathShares {
  const rates = conversionRates(paths, exposures);
  return remembered((channels) => {
    const steps = exposures(channels);
    const rate = rates.get(steps.join(SEPARATOR)) ?? 0;
    const effects = new Map<string, number>();
    steps.forEach((channel, index) => {
      const without = steps.length === 1 ? 0 : (rates.get(steps.toSpliced(index, 1).join(SEPARATOR)) ?? 0);
      effects.set(channel, (effects.get(channel) ?? 0) + Math.max(rate - without, 0));
    });
    return sharesOf(effects);
  });
}

// A channel id holds letters, digits and underscores.
const SEPARATOR = ">";

/** Equal neighbours count once: A A B A is A B A. */
function exposures(channels: readonly string[]): readonly string[] {
  return channels.filter((channel, index) => channel !== channels[index - 1]);
}

function conversionRates(
  paths: readonly ChannelPath[],
  keyOf: (channels: readonly string[]) => readonly string[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, { conversions: number; journeys: number }>();
  for (const { channels, conversions, journeys } of paths) {
    const key = keyOf(channels).join(SEPARATOR);
    const known = counts.get(key) ?? { conversions: 0, journeys: 0 };
    counts.set(key, { conversions: known.conversions + conversions, journeys: known.journeys + journeys });
  }
  return new Map(
    [...counts].map(([key, { conversions, journeys }]) => [key, journeys > 0 ? conversions / journeys : 0]),
  );
}

function remembered(shares: PathShares): PathShares {
  const known = new Map<string, ReturnType<PathShares>>();
  return (channels) => {
    const key = channels.join(SEPARATOR);
    const found = known.has(key) ? known.get(key) : shares(channels);
    known.set(key, found ?? null);
    return found ?? null;
  };
}

/** |S|! (n - |S| - 1)! / n! by the size of the coalition that is joined: 1 / (n · C(n - 1, |S|)). */
function joinWeights(count: number): readonly number[] {
  const weights: number[] = [];
  let ways = 1;
  for (let size = 0; size < count; size++) {
    weights.push(1 / (count * ways));
    ways = (ways * (count - 1 - size)) / (size + 1);
  }
  return weights;
}

function has(mask: number, bit: number): boolean {
  return ((mask >> bit) & 1) === 1;
}

function sizeOf(mask: number): number {
  let size = 0;
  for (let rest = mask; rest > 0; rest >>= 1) size += rest & 1;
  return size;
}
