/**
 * Attribution by a Markov chain of first order (Anderl, Becker, von Wangenheim, Schumann 2016, "Mapping the customer journey"):
 * journeys walk from channel to channel until they convert or end. What a channel is worth is how much of the conversion
 * probability is lost when every step to it ends the journey. Absorption is solved exactly, nothing is simulated.
 */
import { type ChannelPath, channelsOf, sharesOf } from "./channel-path.js";
import { solveLinear } from "./linear-equations.js";

/** The chain and what each channel's removal costs. */
export interface MarkovAttribution {
  /** Where `transitions` leads to: the channels, sorted. */
  readonly channels: readonly string[];
  /** Probability of the first step, by channel. */
  readonly start: readonly number[];
  /** Row: from; column: to. What a row lacks of 1 leaves the channels: `conversion`, and the rest ends without one. */
  readonly transitions: readonly (readonly number[])[];
  /** Probability that the next step from a channel is the order. */
  readonly conversion: readonly number[];
  /** Probability that a journey ends in an order. */
  readonly conversionProbability: number;
  /** Channel -> 1 - probability without it / probability; 0 for all when nothing converts. */
  readonly removalEffects: ReadonlyMap<string, number>;
  /** The removal effects as shares of 1; null when nothing converts. */
  readonly shares: ReadonlyMap<string, number> | null;
}

/** The chain of all journeys. Paths without channels or without journeys say nothing and are left out. */
export function markovAttribution(paths: readonly ChannelPath[]): MarkovAttribution {
  const told = paths.filter(({ channels, journeys }) => channels.length > 0 && journeys > 0);
  const chain = chainOf(told);
  const conversionProbability = absorption(chain, null);
  const removalEffects = new Map(
    chain.channels.map((channel, index) => [
      channel,
      conversionProbability > 0 ? 1 - absorption(chain, index) / conversionProbability : 0,
    ]),
  );
  return { ...chain, conversionProbability, removalEffects, shares: sharesOf(removalEffects) };
}

type Chain = Pick<MarkovAttribution, "channels" | "start" | "transitions" | "conversion">;

function chainOf(paths: readonly ChannelPath[]): Chain {
  const channels = channelsOf(paths);
  const places = new Map(channels.map((channel, index) => [channel, index]));
  const start = channels.map(() => 0);
  const steps = channels.map(() => channels.map(() => 0));
  const conversion = channels.map(() => 0);
  const visits = channels.map(() => 0);
  for (const { channels: path, journeys, conversions } of paths) {
    const walked = path.map((channel) => places.get(channel) ?? 0);
    walked.forEach((to, index) => {
      const from = walked[index - 1];
      visits[to] = (visits[to] ?? 0) + journeys;
      const row = from === undefined ? start : (steps[from] ?? []);
      row[to] = (row[to] ?? 0) + journeys;
    });
    const last = walked.at(-1) ?? 0;
    conversion[last] = (conversion[last] ?? 0) + conversions;
  }
  const begun = start.reduce((sum, count) => sum + count, 0);
  return {
    channels,
    start: start.map((count) => count / begun),
    transitions: steps.map((row, from) => row.map((count) => count / (visits[from] ?? 1))),
    conversion: conversion.map((count, from) => count / (visits[from] ?? 1)),
  };
}

/** Probability of conversion from the start; steps to the channel at `removed` end the journey. */
function absorption({ start, transitions, conversion }: Chain, removed: number | null): number {
  const kept = start.map((_, index) => index).filter((index) => index !== removed);
  // Of x = Q x + r: (I - Q) x = r. Every observed channel is left at some time, so there is one solution.
  const matrix = kept.map((from) => kept.map((to) => (from === to ? 1 : 0) - (transitions[from]?.[to] ?? 0)));
  const chances = solveLinear(
    matrix,
    kept.map((from) => conversion[from] ?? 0),
  );
  return kept.reduce((sum, from, index) => sum + (start[from] ?? 0) * (chances[index] ?? 0), 0);
}
