import { isDeepStrictEqual } from "node:util";
import { messageOf } from "../../base/errors.js";
import type { Files } from "../../base/files.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { everyFault, type FaultScenario } from "../faults/every-fault.js";
import { faultyFiles } from "../faults/faulty-files.js";
import { lostOf } from "../faults/kill-walk.js";
import { FILE_MUTANTS } from "../faults/mutants.js";
import { powerModel } from "../faults/power-cut.js";
import { putSnapshot, takeSnapshot } from "../faults/snapshot.js";
import { warehouseScenario } from "../faults/warehouse-scenario.js";
import { below, type Randoms, randoms } from "../randoms.js";
import { freshFolder } from "../workspace.js";
import type { SoakOutcome, SoakTask, Violation } from "./types.js";

/** Cuts in a row, each in the recovery of the one before, that are tried on one scenario. */
const SERIES = 4;

/**
 * Power cuts: what was not synced is lost, half of a file included, and names whose folder was not synced. One cut at calls of a run, as
 * `npm run test:faults` makes them, of runs of random shape; then several in a row, each while the program recovers from the last.
 */
export async function soakPower(task: SoakTask): Promise<SoakOutcome> {
  const db = await openDatabase({ threads: 1 });
  const random = randoms(task.seed * 31 + 3);
  const mutate = task.isBroken ? FILE_MUTANTS["no fsync of folders"]?.mutate : undefined;
  const violations: Violation[] = [];
  let reached = 0;
  try {
    while (!task.isOver() && !(task.isBroken && violations.length > 0)) {
      const before = 1 + below(random, 2);
      const shape = { before, rounds: before + 1 + below(random, 3), publish: random() < 0.5 };
      const scenario = warehouseScenario({ db, ...shape });
      const options = { modes: ["power-cut" as const], stride: 5 + below(random, 9), stopAfter: 3 };
      const root = freshFolder();
      const sweep = await everyFault({ scenario, root, ...options, ...(mutate === undefined ? {} : { mutate }) });
      for (const { at, call, problem } of sweep.failures)
        violations.push({ kind: kindOf(problem), what: `${problem}, at call ${at} (${call}) of ${words(shape)}` });
      const series = await cutsInARow(scenario, random, mutate ?? ((files) => files));
      violations.push(...series.violations);
      reached += sweep.cases + series.cuts;
      task.say(reached, violations.length);
    }
  } finally {
    await db.close();
  }
  return {
    reached,
    violations,
    notes: ["simulated, on files and folders: no block device was cut, which needs root and a device mapper"],
  };
}

const words = (shape: object) => JSON.stringify(shape);

/** The kind of a problem that a sweep describes in words. */
function kindOf(problem: string): Violation["kind"] {
  if (problem.startsWith("acknowledged, but lost")) return "lost";
  if (problem.startsWith("a reader found something torn")) return "mixed";
  return problem.startsWith("the outcome differs") ? "twice" : "manual repair";
}

async function cutsInARow(scenario: FaultScenario, random: Randoms, mutate: (files: Files) => Files) {
  const root = freshFolder();
  await scenario.prepare(root);
  const start = takeSnapshot(root);
  await scenario.run(diskFiles, root, () => {});
  const expected = await scenario.inspect(root);
  const violations: Violation[] = [];
  let cuts = 0;
  for (let series = 0; series < SERIES && violations.length === 0; series++) {
    putSnapshot(root, start);
    const acknowledged = new Set<string>();
    const times = 2 + below(random, 4);
    for (let cut = 0; cut < times && violations.length === 0; cut++) {
      cuts += 1;
      const at = 1 + below(random, 90);
      const problem = await oneCut(scenario, { root, at, acknowledged, mutate });
      if (problem !== null) violations.push({ kind: kindOf(problem), what: `${problem}, cut ${cut + 1} in a row` });
    }
    const stuck = await caught(() => scenario.run(mutate(diskFiles), root, () => {}));
    if (stuck !== null) violations.push({ kind: "manual repair", what: `the next run failed: ${stuck}` });
    else if (!isDeepStrictEqual(await scenario.inspect(root), expected))
      violations.push({ kind: "twice", what: "the outcome differs after several cuts in a row" });
  }
  return { cuts, violations };
}

interface Cut {
  readonly root: string;
  readonly at: number;
  readonly acknowledged: Set<string>;
  readonly mutate: (files: Files) => Files;
}

async function oneCut(scenario: FaultScenario, { root, at, acknowledged, mutate }: Cut): Promise<string | null> {
  const power = powerModel(diskFiles, root);
  const faulty = faultyFiles(power.files, { at, mode: "power-cut" });
  const error = await caught(() => scenario.run(mutate(faulty.files), root, (what) => acknowledged.add(what)));
  power.cut();
  if (error !== null && !faulty.dead()) return `failed before the cut: ${error}`;
  try {
    const lost = lostOf(acknowledged, await scenario.visible(root));
    return lost.length === 0 ? null : `acknowledged, but lost: ${lost.join(", ")}`;
  } catch (thrown) {
    return `a reader found something torn: ${messageOf(thrown)}`;
  }
}

async function caught(action: () => Promise<void>): Promise<string | null> {
  try {
    await action();
    return null;
  } catch (thrown) {
    return messageOf(thrown);
  }
}
