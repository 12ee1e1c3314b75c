import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { growthos, inTurn, row } from "../measure.js";

/** The demo end to end: simulate, read through the connectors, land, build, check, report. */
export async function scenario({ folder, rounds }) {
  const project = join(folder, "demo");
  mkdirSync(project);
  const [ours] = await inTurn(rounds, [() => growthos(["demo", "--quiet"], { cwd: project })]);
  const isMet = ours.wallMs < 15_000 && ours.cpuMs < 12_000;
  return [row("demo: end to end", ours, { target: "< 15 s, < 12 s cpu", isMet })];
}
