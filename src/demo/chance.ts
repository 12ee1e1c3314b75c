import type { Rounder, Stream } from "./types.js";

/** A factor around 1, at most `width` away. */
export function jitter(stream: Stream, width: number): number {
  return 1 + (stream() * 2 - 1) * width;
}

/** A whole number from `low` to `high`, both included. */
export function between(stream: Stream, low: number, high: number): number {
  return low + Math.floor(stream() * (high - low + 1));
}

/** One of a non-empty list. */
export function pick<T>(stream: Stream, list: readonly T[]): T {
  return list[Math.floor(stream() * list.length)] as T;
}

/** The item into whose share of the total weight `u` (0 … 1) falls. */
export function weighted<T>(u: number, list: readonly T[], weight: (item: T) => number): T {
  let rest = u * list.reduce((sum, item) => sum + weight(item), 0);
  for (const item of list) {
    rest -= weight(item);
    if (rest < 0) return item;
  }
  return list[list.length - 1] as T;
}

/** Irrational steps: multiples of one, modulo 1, fill [0, 1) evenly; different steps are independent of each other. */
const STEPS = {
  lines: 0.6180339887498949,
  product: 0.41421356237309515,
  quantity: 0.7320508075688772,
  discount: 0.23606797749978969,
  percent: 0.6457513110645906,
  refund: 0.3166247903553998,
  cancel: 0.6055512754639891,
  tracked: 0.12310562561766059,
  guest: 0.3588989435406736,
  habit: 0.7958315233127191,
  staff: 0.3851648071345037,
} as const;

/** The k-th point of an evenly spread sequence: like a dice, but a week's mean hardly moves by chance. */
export function spread(k: number, of: keyof typeof STEPS, start = 0): number {
  const x = (k + 1) * STEPS[of] + start;
  return x - Math.floor(x);
}

/** Whole counts that follow their expected amounts: the fraction is carried to the next call with the same key. */
export function carrying(start: (key: string) => number): Rounder {
  const rest = new Map<string, number>();
  return (key, expected) => {
    const sum = (rest.get(key) ?? start(key)) + expected;
    const whole = Math.floor(sum);
    rest.set(key, sum - whole);
    return whole;
  };
}
