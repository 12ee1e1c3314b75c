import { undiciTransport } from "../../http/undici.js";
import { hasShopifySchema } from "../doubles/shopify-schema.js";
import { openBench } from "../evaluate.js";
import { runSchedule } from "../faults/schedules.js";
import type { SoakOutcome, SoakTask, Violation } from "./types.js";

/** Syncs at random times of a world that changes, partial and failing ones among them, beside one full refresh: row for row the same. */
export async function soakRestarts(task: SoakTask): Promise<SoakOutcome> {
  if (!hasShopifySchema) {
    return { reached: 0, violations: [], notes: ["left out: the vendors' schemas are not beside the repository"] };
  }
  const network = undiciTransport({ allowLoopback: true });
  const bench = await openBench();
  const violations: Violation[] = [];
  const sum = { schedules: 0, syncs: 0, failed: 0, rows: 0 };
  try {
    while (!task.isOver()) {
      // Far from the schedules that the tests run.
      const number = 1_000 + (task.seed % 100_000) * 1_000 + sum.schedules;
      const { exits, differing, ...counts } = await runSchedule(number, { network, bench });
      sum.schedules += 1;
      sum.syncs += counts.syncs;
      sum.failed += counts.failed;
      sum.rows += counts.rows;
      if (exits.some((exit) => exit !== "ok"))
        violations.push({ kind: "manual repair", what: `schedule ${number} ended ${exits.join(", ")}` });
      for (const what of differing) violations.push({ kind: "mixed", what: `schedule ${number}: ${what}` });
      task.say(sum.schedules, violations.length);
    }
  } finally {
    await bench.close();
    await network.close();
  }
  const notes = [`${sum.syncs} syncs, ${sum.failed} of them failed as they were meant to; ${sum.rows} rows alike`];
  return { reached: sum.schedules, violations, notes };
}
