import type { Clock } from "../base/clock.js";

/** Says whether one more is within the rate. */
export interface Rate {
  take(who: string): boolean;
}

/** Callers that are remembered; of more the one that was longest silent is forgotten. */
const MOST_CALLERS = 10_000;

/** At most `perSecond` of each caller on average, and twice as many at once. */
export function rateOf(clock: Clock, perSecond: number): Rate {
  const burst = 2 * perSecond;
  const callers = new Map<string, { left: number; at: number }>();
  return {
    take: (who) => {
      const now = clock.elapsed();
      const known = callers.get(who) ?? { left: burst, at: now };
      known.left = Math.min(burst, known.left + ((now - known.at) / 1000) * perSecond);
      known.at = now;
      // Back to the end: a Map keeps the order in which its keys came.
      callers.delete(who);
      callers.set(who, known);
      if (callers.size > MOST_CALLERS) for (const oldest of callers.keys()) if (callers.delete(oldest)) break;
      if (known.left < 1) return false;
      known.left -= 1;
      return true;
    },
  };
}
