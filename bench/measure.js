import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const USAGE = fileURLToPath(new URL("./usage.cjs", import.meta.url));
export const BIN = fileURLToPath(new URL("../bin/growthos.js", import.meta.url));

/**
 * Runs `node <args>` and returns wall time, CPU time (user and system, all threads) and peak memory of that process alone.
 * Throws when it fails, with what it said.
 */
export async function measure(args, { cwd = process.cwd(), input } = {}) {
  const place = mkdtempSync(join(tmpdir(), "growthos-usage-"));
  const file = join(place, "usage.json");
  const start = performance.now();
  const child = spawn(process.execPath, ["--require", USAGE, ...args], {
    cwd,
    env: { ...process.env, GROWTHOS_BENCH_USAGE: file, TZ: "UTC", NO_COLOR: "1" },
    stdio: [input === undefined ? "ignore" : "pipe", "ignore", "pipe"],
  });
  if (input !== undefined) child.stdin.end(input);
  let said = "";
  child.stderr.on("data", (data) => {
    said += data;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  const wallMs = performance.now() - start;
  if (code !== 0) throw new Error(`node ${args.join(" ")} ended with ${code}\n${said}`);
  const usage = JSON.parse(readFileSync(file, "utf8"));
  rmSync(place, { recursive: true });
  return { wallMs, cpuMs: usage.cpuMs, peakMb: usage.peakMb };
}

/** `growthos <args>`, measured. */
export function growthos(args, options) {
  return measure([BIN, ...args], options);
}

/** The median of each member of several measurements. */
export function median(measurements) {
  const middle = (pick) => {
    const sorted = measurements.map(pick).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  };
  return { wallMs: middle((m) => m.wallMs), cpuMs: middle((m) => m.cpuMs), peakMb: middle((m) => m.peakMb) };
}

/** Measures several things in turn, round by round, so that a slow minute of the machine hits all of them. */
export async function inTurn(rounds, actions) {
  const seen = actions.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, action] of actions.entries()) seen[index].push(await action());
  }
  return seen.map(median);
}

/** A row of the table; the ratio is of wall times unless `by` says `cpuMs`. */
export function row(what, ours, { reference, most, target, by = "wallMs", isMet } = {}) {
  const ratio = reference === undefined ? undefined : ours[by] / reference[by];
  const met = isMet ?? (most === undefined || ratio === undefined ? undefined : ratio <= most);
  return { what, ours, reference, ratio, target: target ?? (most === undefined ? "" : `≤ ${most}x`), isMet: met };
}
