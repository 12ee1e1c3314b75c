import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { applyGc, planGc } from "../../warehouse/gc.js";
import type { Workspace } from "../../warehouse/types.js";
import { bundleEntry, type Child, startChild } from "../faults/bundle.js";
import { freshFolder, freshWorkspace } from "../workspace.js";
import { publishNumbered } from "./builds.js";
import type { SoakOutcome, SoakTask, Violation } from "./types.js";

const READERS = 2;
/** Old builds are deleted under the readers, as `growthos gc` does it. */
const GC_EVERY = 20;

/** Reports that are read by two processes while a third publishes one build after the other and deletes old ones. */
export async function soakReaders(task: SoakTask): Promise<SoakOutcome> {
  const bundle = await bundleEntry("../proof/reader-entry");
  const root = freshFolder();
  const ws = await freshWorkspace(root);
  await publishNumbered(ws, 1);
  const mistake = task.isBroken ? "opens for each relation" : "";
  const readers = Array.from({ length: READERS }, () => startChild(bundle, [root, mistake]));
  let builds = 1;
  try {
    while (!task.isOver() && !(task.isBroken && tallyOf(readers).mixed.length > 0)) {
      builds += 1;
      await publishNumbered(ws, builds);
      if (builds % GC_EVERY === 0) await collect(ws, builds);
      task.say(tallyOf(readers).read, tallyOf(readers).mixed.length);
    }
  } finally {
    writeFileSync(join(root, "stop"), "");
    await Promise.all(readers.map(({ ended }) => ended));
    rmSync(dirname(bundle), { recursive: true, force: true });
  }
  const { read, mixed, failed } = tallyOf(readers);
  const violations: Violation[] = [
    ...mixed.map((line) => ({ kind: "mixed" as const, what: `one report of ${line.replace("mixed ", "builds ")}` })),
    ...failed.map((line) => ({ kind: "manual repair" as const, what: `a report ${line}` })),
  ];
  return { reached: read, violations, notes: [`${builds} builds were published meanwhile`] };
}

function tallyOf(readers: readonly Child[]) {
  const lines = readers.flatMap(({ lines }) => lines);
  return {
    read: lines.filter((line) => line.startsWith("read ")).length,
    mixed: lines.filter((line) => line.startsWith("mixed ")),
    failed: lines.filter((line) => line.startsWith("failed ") || line.startsWith("stderr")),
  };
}

async function collect(ws: Workspace, at: number): Promise<void> {
  const now = Date.parse("2026-02-09T06:00:00Z") + at;
  const plan = planGc(ws, { now, keepBuilds: 3, runsDays: 30, graceHours: 0 });
  await applyGc(ws, plan, { runId: `gc-${at}`, toolVersion: "0", configHash: "c", now });
}
