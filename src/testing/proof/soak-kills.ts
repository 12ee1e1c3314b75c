import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { openDatabase } from "../../warehouse/duckdb.js";
import { bundleEntry } from "../faults/bundle.js";
import { differenceOf, type KillWalk, killedAfter, undisturbed } from "../faults/kill-walk.js";
import { outcomeOf, receiverLife, type Said } from "../faults/receiver-lives.js";
import { warehouseScenario } from "../faults/warehouse-scenario.js";
import { type Randoms, randoms } from "../randoms.js";
import { freshFolder, freshWorkspace } from "../workspace.js";
import type { SoakOutcome, SoakTask, Violation } from "./types.js";

const ROUNDS = 24;
/** The latest moment of a kill, as a multiple of the time that the process took to start: a run of all rounds takes longer. */
const LATEST = 0.35;
/** Lives of one receiver before its spool is compared with what it answered. */
const LIVES = 6;
/** Kills without an end of the work after which it is let end: a machine that is too busy kills everything at its start. */
const PATIENCE = 40;

interface Tally {
  kills: number;
  walks: number;
  accepted: number;
  readonly violations: Violation[];
}

/**
 * SIGKILL at random moments: of commits, builds and reports, where each process goes on where the last one ended, and of a receiver of webhooks
 * under load. Nothing acknowledged is lost, nothing is there twice, readers find nothing torn, and no hand is needed.
 */
export async function soakKills(task: SoakTask): Promise<SoakOutcome> {
  const bundles = { work: await bundleEntry("kill-entry"), receiver: await bundleEntry("intake-entry") };
  const tally: Tally = { kills: 0, walks: 0, accepted: 0, violations: [] };
  const lane = async (number: number, turns: readonly ((random: Randoms) => Promise<void>)[]) => {
    const random = randoms(task.seed * 31 + number);
    for (let turn = 0; !task.isOver() && !(task.isBroken && tally.violations.length > 0); turn++)
      await turns[turn % turns.length]?.(random);
  };
  const work = (random: Randoms) => oneWalk(bundles.work, task, { random, tally });
  const receiver = (random: Randoms) => oneReceiver(bundles.receiver, task, { random, tally });
  try {
    await Promise.all(task.isBroken ? [lane(1, [work])] : [lane(1, [work]), lane(2, [work, receiver])]);
  } finally {
    for (const path of Object.values(bundles)) rmSync(dirname(path), { recursive: true, force: true });
  }
  const notes = [`${tally.walks} runs were ended after their kills`, `${tally.accepted} webhooks were answered 200`];
  return { reached: tally.kills, violations: tally.violations, notes };
}

interface Lane {
  readonly random: Randoms;
  readonly tally: Tally;
}

async function oneWalk(bundle: string, task: SoakTask, { random, tally }: Lane): Promise<void> {
  const db = await openDatabase({ threads: 1 });
  try {
    const scenario = warehouseScenario({ db, rounds: ROUNDS, publish: false });
    const root = freshFolder();
    await freshWorkspace(root);
    const mistake = task.isBroken ? { mistake: "acknowledges early" as const } : {};
    const walk: KillWalk = { bundle, root, rounds: ROUNDS, scenario, acknowledged: new Set(), ...mistake };
    const wrong = (kind: Violation["kind"], what: string) => tally.violations.push({ kind, what: `${what} (${root})` });
    for (let kill = 0; ; kill++) {
      const isLast = task.isOver() || kill >= PATIENCE;
      const share = random() * LATEST;
      const { isDone, wasKilled, lost, torn } = await killedAfter(walk, isLast ? null : (startMs) => share * startMs);
      if (wasKilled) tally.kills += 1;
      task.say(tally.kills, tally.violations.length);
      if (lost.length > 0) wrong("lost", `acknowledged, but lost: ${lost.join(", ")}`);
      if (torn !== null) wrong(isLast ? "manual repair" : "mixed", torn);
      if (lost.length > 0 || torn !== null) return;
      if (isDone || isLast) break;
    }
    tally.walks += 1;
    const whole = freshFolder();
    await freshWorkspace(whole);
    const difference = await differenceOf(walk, await undisturbed(scenario, whole));
    if (difference !== null) wrong("twice", difference);
  } finally {
    await db.close();
  }
}

async function oneReceiver(bundle: string, task: SoakTask, { random, tally }: Lane): Promise<void> {
  const root = freshFolder();
  const ws = await freshWorkspace(root);
  const said: Said = { accepted: new Set(), refused: new Set() };
  for (let round = 0; round < LIVES && !task.isOver(); round++) {
    await receiverLife(ws, round, { bundle, root, random, said });
    tally.kills += 1;
    task.say(tally.kills, tally.violations.length);
  }
  const { lost, repeats, stolen, inQuarantine } = await outcomeOf(ws, said);
  tally.accepted += said.accepted.size;
  const wrong = (kind: Violation["kind"], what: string) => tally.violations.push({ kind, what: `${what} (${root})` });
  if (lost.length > 0) wrong("lost", `${lost.length} webhooks that were answered 200`);
  if (repeats > 0) wrong("twice", `${repeats} webhooks`);
  if (stolen.length > 0) wrong("mixed", `${stolen.length} webhooks were refused and landed`);
  if (inQuarantine > 0) wrong("manual repair", `${inQuarantine} sound webhooks are in quarantine`);
}
