import { soakKills } from "./soak-kills.js";
import { soakLock } from "./soak-lock.js";
import { soakPower } from "./soak-power.js";
import { soakReaders } from "./soak-readers.js";
import { soakRestarts } from "./soak-restarts.js";
import type { SoakOutcome, SoakPart, SoakTask } from "./types.js";

/** The parts of `npm run soak` in the order in which they run. */
export const SOAK_PARTS: readonly SoakPart[] = [
  { name: "kills", unit: "kills", goal: 10_000, share: 0.35, run: soakKills },
  { name: "power", unit: "power cuts", goal: 500, share: 0.1, run: soakPower },
  { name: "lock", unit: "lock cycles", goal: 10_000, share: 0.2, run: soakLock },
  { name: "readers", unit: "reads during publishes", goal: 10_000, share: 0.15, run: soakReaders },
  { name: "restarts", unit: "crash and restart schedules", goal: 1_000, share: 0.2, run: soakRestarts },
];

/** Runs a part; what it throws is a violation too: nothing of it may need a hand. */
export async function runPart(part: SoakPart, task: SoakTask): Promise<SoakOutcome> {
  try {
    return await part.run(task);
  } catch (thrown) {
    const what = `the rig ended: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`;
    return { reached: 0, violations: [{ kind: "manual repair", what }], notes: [] };
  }
}
