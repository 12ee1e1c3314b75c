import type { Clock } from "../base/clock.js";
import type { Limits } from "./types.js";

/** Waits until the vendor's limits allow one more request. */
export type Pace = (signal?: AbortSignal) => Promise<void>;

interface Window {
  readonly count: number;
  readonly ms: number;
}

/**
 * Sliding windows on the injected clock: no window of the given length ever holds more than its count.
 * Bottleneck counts on the wall clock, so it limits how many run at once and this limits how many start.
 */
export function createPace(limits: Limits, clock: Clock): Pace {
  const windows = windowsOf(limits);
  const longest = Math.max(0, ...windows.map((window) => window.count));
  let starts: readonly number[] = [];
  return async (signal) => {
    const now = clock.elapsed();
    const start = windows.reduce((at, window) => Math.max(at, earliest(starts, window)), now);
    starts = [...starts, start].slice(-longest);
    if (start > now) await clock.sleep(start - now, signal);
  };
}

function windowsOf(limits: Limits): readonly Window[] {
  const all: readonly (readonly [number | undefined, number])[] = [
    [limits.perSecond, 1_000],
    [limits.perMinute, 60_000],
    [limits.perHour, 3_600_000],
    [limits.perDay, 86_400_000],
  ];
  return all.flatMap(([count, ms]) => (count === undefined ? [] : [{ count, ms }]));
}

/** The first moment at which the window has room: its oldest start of the last `count` plus its length. */
function earliest(starts: readonly number[], window: Window): number {
  const oldest = starts[starts.length - window.count];
  return oldest === undefined ? Number.NEGATIVE_INFINITY : oldest + window.ms;
}
