/** Time enters through this interface only: `new Date()` elsewhere is refused by the house rules. */
export interface Clock {
  /** The present instant, milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Monotonic milliseconds, for durations; survives a wall clock that is set back. */
  elapsed(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
};

/** A clock that stands at one instant and advances only by sleeping: the demo's and the tests' clock. */
export function fixedClock(at: number): Clock & { advance(ms: number): void } {
  let now = at;
  return {
    now: () => now,
    elapsed: () => now - at,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      now += ms;
    },
    advance: (ms) => {
      now += ms;
    },
  };
}

/** An instant as ISO 8601 in UTC with milliseconds, e.g. `2026-02-09T06:00:00.000Z`. */
export function isoInstant(ms: number): string {
  return new Date(ms).toISOString();
}
