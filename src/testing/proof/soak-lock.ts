import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { bundleEntry } from "../faults/bundle.js";
import { contend, contendForPidFile, count, doubleOwners } from "../faults/contention.js";
import { freshFolder, freshWorkspace } from "../workspace.js";
import type { SoakOutcome, SoakTask } from "./types.js";

/** One of so many holds ends with SIGKILL: 5 %. */
const DIE_EVERY = 20;

/** Four processes that want the program's own lock; one hold in twenty ends with SIGKILL of the holder, who is replaced. */
export async function soakLock(task: SoakTask): Promise<SoakOutcome> {
  const bundle = await bundleEntry("contend-entry");
  const root = freshFolder();
  await freshWorkspace(root);
  try {
    const isOver = (journal: string) => {
      task.say(count(journal, "enter"), doubleOwners(journal));
      return task.isOver();
    };
    const journal = task.isBroken
      ? await contendForPidFile({ bundle, root, rounds: 20 })
      : await contend({ bundle, root, dieEvery: DIE_EVERY, isOver });
    const [reached, doubles] = [count(journal, "enter"), doubleOwners(journal)];
    const violations = Array.from({ length: doubles }, () => ({
      kind: "two owners" as const,
      what: `two processes held one lock (${root}/journal)`,
    }));
    return { reached, violations, notes: [`${count(journal, "die")} holders were killed`] };
  } finally {
    rmSync(dirname(bundle), { recursive: true, force: true });
  }
}
