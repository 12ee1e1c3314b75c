import type { Clock } from "../base/clock.js";
import { sha256 } from "../base/hash.js";
import type { Random } from "../base/ids.js";
import type { WorkspaceConfig } from "../config/types.js";

/** Noon UTC of the demo's day: the same civil day in every zone a demo is likely to have. */
const DEMO_HOUR = "T12:00:00Z";

/** The clock of a workspace: the demo's stands still at its as-of day and never waits, every other one is the system's. */
export function workspaceClock(own: WorkspaceConfig, system: Clock): Clock {
  if (own.demo === undefined) return system;
  const noon = Date.parse(`${own.demo.asOf}${DEMO_HOUR}`);
  return { now: () => noon, elapsed: system.elapsed, sleep: async (_ms, signal) => signal?.throwIfAborted() };
}

/** Randomness that is the same on every run with the same seed: for the demo, whose output must not change. */
export function seededRandom(seed: string): Random {
  let drawn = 0;
  return {
    hex: (bytes) => {
      const blocks = Array.from({ length: Math.ceil(bytes / 32) }, () => sha256(`${seed}:${drawn++}`));
      return blocks.join("").slice(0, bytes * 2);
    },
  };
}
