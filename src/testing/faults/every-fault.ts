import { isDeepStrictEqual } from "node:util";
import { messageOf } from "../../base/errors.js";
import type { Files } from "../../base/files.js";
import { diskFiles } from "../../warehouse/disk.js";
import { FAULT_MODES, type FaultMode, faultyFiles } from "./faulty-files.js";
import { powerModel } from "./power-cut.js";
import { putSnapshot, type Snapshot, takeSnapshot } from "./snapshot.js";

/** A command, or several, to be disturbed at every mutating call. Everything it writes must go through the given `files` and lie below `root`. */
export interface FaultScenario {
  /** Fills the empty folder `root`; called once, its result is put back before every case. */
  prepare(root: string): Promise<void>;
  /**
   * The work. It is run again undisturbed after each fault, so it must start with the program's own recovery and go on from there.
   * It calls `acknowledge` when it tells its user that something is done, and rejects when anything failed.
   */
  run(files: Files, root: string, acknowledge: (what: string) => void): Promise<void>;
  /** Run right after the fault, before the next run: the acknowledged things that a reader finds. Rejects when a reader finds anything torn. */
  visible(root: string): Promise<readonly string[]>;
  /** The outcome that must equal that of an undisturbed run, value by value. */
  inspect(root: string): Promise<unknown>;
}

/** How to disturb. */
export interface EveryFaultOptions {
  readonly scenario: FaultScenario;
  /** An empty folder for the cases; one in memory (/dev/shm) is many times faster. */
  readonly root: string;
  /** Default: all. */
  readonly modes?: readonly FaultMode[];
  /** Only every so manieth call, each mode from another start, for slow scenarios; default 1 = every call. */
  readonly stride?: number;
  /** Wraps the files that the scenario sees: how a seeded mutant of the protocol is made. */
  readonly mutate?: (files: Files) => Files;
  /** The scenario itself has the seeded mistake. */
  readonly isOfMutant?: boolean;
  /** Stops after the first so many failures; default: never. */
  readonly stopAfter?: number;
}

/** One fault after which things were not as they must be. */
export interface FaultFailure {
  readonly at: number;
  readonly call: string;
  readonly mode: FaultMode;
  readonly problem: string;
}

/** What the sweep did. */
export interface FaultSweep {
  /** Mutating calls of an undisturbed run. */
  readonly calls: readonly string[];
  readonly cases: number;
  readonly failures: readonly FaultFailure[];
}

interface Sweep {
  readonly options: EveryFaultOptions;
  readonly start: Snapshot;
  readonly expected: unknown;
  readonly calls: readonly string[];
}

/**
 * Disturbs the scenario at every mutating call in every mode and lists what went wrong. After each fault: nothing acknowledged is lost, what readers find
 * is whole, errors were not swallowed, and the next run ends like one that was never disturbed.
 */
export async function everyFault(options: EveryFaultOptions): Promise<FaultSweep> {
  const sweep = await undisturbed(options);
  const failures: FaultFailure[] = [];
  let cases = 0;
  for (const mode of options.modes ?? FAULT_MODES) {
    for (const at of places(sweep.calls.length, mode, options.stride ?? 1)) {
      cases += 1;
      const problem = await oneFault(sweep, at, mode);
      if (problem !== null) failures.push({ at, call: sweep.calls[at - 1] ?? "(the end)", mode, problem });
      if (failures.length >= (options.stopAfter ?? Number.POSITIVE_INFINITY))
        return { calls: sweep.calls, cases, failures };
    }
  }
  return { calls: sweep.calls, cases, failures };
}

function places(calls: number, mode: FaultMode, stride: number): readonly number[] {
  const start = FAULT_MODES.indexOf(mode) + 1;
  const chosen = Array.from({ length: calls }, (_, index) => index + 1).filter((at) => (at - start) % stride === 0);
  // The power may also fail when all is done: one call further than there are.
  return mode === "power-cut" ? [...chosen, calls + 1] : chosen;
}

async function undisturbed(options: EveryFaultOptions): Promise<Sweep> {
  const { scenario, root, mutate = (files) => files } = options;
  await scenario.prepare(root);
  const start = takeSnapshot(root);
  const counted = faultyFiles(diskFiles, { at: 0, mode: "before" });
  await scenario.run(mutate(counted.files), root, () => {});
  return { options, start, expected: await scenario.inspect(root), calls: counted.calls };
}

async function oneFault(sweep: Sweep, at: number, mode: FaultMode): Promise<string | null> {
  const { scenario, root, mutate = (files: Files) => files } = sweep.options;
  putSnapshot(root, sweep.start);
  const isOfMutant = sweep.options.mutate !== undefined || sweep.options.isOfMutant === true;
  const power = mode === "power-cut" ? powerModel(diskFiles, root) : null;
  const faulty = faultyFiles(power?.files ?? diskFiles, { at, mode, isOfMutant });
  const acknowledged: string[] = [];
  const error = await caught(() => scenario.run(mutate(faulty.files), root, (what) => acknowledged.push(what)));
  power?.cut();
  const loud = mode === "eio" || mode.startsWith("enospc");
  const harmless = mode !== "eio" && /^remove /.test(faulty.calls[at - 1] ?? "");
  if (loud && faulty.fired() && error === null && !harmless) return "the error was swallowed";
  if (!faulty.fired() && error !== null) return `failed before the fault: ${messageOf(error)}`;
  return (await lostOrTorn(scenario, root, acknowledged)) ?? (await differsAfterNextRun(sweep));
}

async function lostOrTorn(
  scenario: FaultScenario,
  root: string,
  acknowledged: readonly string[],
): Promise<string | null> {
  let visible: readonly string[] = [];
  const torn = await caught(async () => {
    visible = await scenario.visible(root);
  });
  if (torn !== null) return `a reader found something torn: ${messageOf(torn)}`;
  const lost = acknowledged.filter((what) => !visible.includes(what));
  return lost.length === 0 ? null : `acknowledged, but lost: ${lost.join(", ")}`;
}

async function differsAfterNextRun({ options, expected }: Sweep): Promise<string | null> {
  const { scenario, root, mutate = (files: Files) => files } = options;
  const stuck = await caught(() => scenario.run(mutate(diskFiles), root, () => {}));
  if (stuck !== null) return `the next run failed: ${messageOf(stuck)}`;
  const found = await scenario.inspect(root).catch((thrown: unknown) => messageOf(thrown));
  if (isDeepStrictEqual(found, expected)) return null;
  return `the outcome differs: ${JSON.stringify(found)?.slice(0, 400)}`;
}

async function caught(action: () => Promise<void>): Promise<unknown> {
  try {
    await action();
    return null;
  } catch (thrown) {
    return thrown ?? "nothing was thrown";
  }
}
