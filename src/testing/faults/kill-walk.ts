import { isDeepStrictEqual } from "node:util";
import { messageOf } from "../../base/errors.js";
import { diskFiles } from "../../warehouse/disk.js";
import { startChild } from "./bundle.js";
import type { FaultScenario } from "./every-fault.js";

// SIGKILL of the warehouse scenario in a process of its own (`kill-entry`), which each time goes on where the last one ended.

/** The work below `root`, and what it has told its user so far. */
export interface KillWalk {
  /** The bundled `kill-entry`. */
  readonly bundle: string;
  readonly root: string;
  readonly rounds: number;
  readonly scenario: FaultScenario;
  readonly acknowledged: Set<string>;
  /** A seeded mistake of `kill-entry`; absent: the program's own protocol. */
  readonly mistake?: "acknowledges early";
}

/** One process: how it ended, and what was wrong afterwards. */
export interface Life {
  readonly isDone: boolean;
  readonly wasKilled: boolean;
  /** Acknowledged, and no longer there. */
  readonly lost: readonly string[];
  /** A reader found something torn, or the process said an error; null when neither. */
  readonly torn: string | null;
}

/** Milliseconds after its first word, also as they follow from those that it took to start: a busy machine does less in as many. */
export type Moment = number | ((startMs: number) => number);

/** Starts the work, kills it at a moment (null: lets it end), and looks as a reader would. */
export async function killedAfter(walk: KillWalk, moment: Moment | null): Promise<Life> {
  const { bundle, root, rounds, scenario, acknowledged, mistake } = walk;
  const child = startChild(bundle, [root, String(rounds), mistake ?? ""]);
  const isOver = () => child.process.exitCode !== null || child.process.signalCode !== null;
  const start = performance.now();
  if (moment !== null) {
    while (child.lines.length === 0 && !isOver()) await new Promise((resolve) => setTimeout(resolve, 2));
    const ms = typeof moment === "number" ? moment : moment(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, ms));
    child.process.kill("SIGKILL");
  }
  const { signal, code } = await child.ended;
  for (const line of child.lines) if (/^(round|build|report)/.test(line)) acknowledged.add(line);
  const said = child.lines.filter((line) => line.startsWith("stderr"));
  const failed = signal === null && code !== 0 ? `it ended with ${code}: ${said.join(" ")}` : null;
  const seen = await scenario.visible(root).catch((thrown: unknown) => messageOf(thrown));
  const torn = typeof seen === "string" ? `a reader found something torn: ${seen}` : failed;
  const lost = typeof seen === "string" ? [] : lostOf(acknowledged, seen);
  return { isDone: child.lines.includes("finished"), wasKilled: signal === "SIGKILL", lost, torn };
}

/** What of the acknowledged is not seen. A later build takes the place of an earlier one, which need not be there any more. */
export function lostOf(acknowledged: ReadonlySet<string>, seen: readonly string[]): readonly string[] {
  const isThere = (what: string) =>
    what.startsWith("build ") ? seen.some((other) => other.startsWith("build ") && other >= what) : seen.includes(what);
  return [...acknowledged].filter((what) => !isThere(what));
}

/** How the finished work differs from `expected`, an undisturbed run's rows and cursors; null: not at all. */
export async function differenceOf(
  walk: KillWalk,
  expected: Readonly<Record<string, unknown>>,
): Promise<string | null> {
  const found = (await walk.scenario.inspect(walk.root)) as Record<string, unknown>;
  const other = ["rows", "cursors"].find((member) => !isDeepStrictEqual(found[member], expected[member]));
  return other === undefined ? null : `${other} differ: ${JSON.stringify(found[other])?.slice(0, 300)}`;
}

/** What an undisturbed run in the empty workspace below `root` ends with. */
export async function undisturbed(scenario: FaultScenario, root: string): Promise<Readonly<Record<string, unknown>>> {
  await scenario.run(diskFiles, root, () => {});
  return (await scenario.inspect(root)) as Record<string, unknown>;
}
