import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BIN, growthos, row } from "../measure.js";

const USAGE = fileURLToPath(new URL("../usage.cjs", import.meta.url));
const PARALLEL = 2;

/**
 * Many workspaces with the demo each, two at a time, against one alone as often as there are: what the fleet itself costs. Memory is that
 * of the parent and of the two largest children, which is the most that can have run at once. A row for each number of workspaces.
 */
export async function scenario({ folder, workspaces }) {
  const rows = [];
  for (const number of workspaces) rows.push(await measured(join(folder, `of-${number}`), number));
  return rows;
}

async function measured(folder, workspaces) {
  const agency = join(folder, "agency");
  mkdirSync(join(agency, "clients"), { recursive: true });
  writeFileSync(join(agency, "growthos.config.json"), JSON.stringify({ workspacesFolder: "clients" }));
  const names = ["alone", ...Array.from({ length: workspaces }, (_, index) => `client-${index + 1}`)];
  for (const [seed, name] of names.entries()) {
    const shop = { name, currency: "USD", timeZone: "America/New_York" };
    writeFileSync(join(agency, `clients/${name}.json`), JSON.stringify({ shop, sources: { demo: { seed } } }));
  }
  const alone = await growthos(["run", "--workspace", "alone"], { cwd: agency });
  const { answer, usage, wallMs } = await fleet(names.slice(1), agency, join(folder, "usage"));
  for (const { workspace, elapsed_ms, exit_code } of answer.results)
    console.error(`  ${workspace}: ${(elapsed_ms / 1000).toFixed(1)} s, exit ${exit_code}`);
  const largest = usage.map(({ peakMb }) => peakMb).sort((a, b) => b - a);
  const ours = {
    wallMs,
    cpuMs: usage.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    peakMb: largest.slice(0, PARALLEL + 1).reduce((sum, mb) => sum + mb, 0),
  };
  const reference = { wallMs: alone.wallMs * workspaces, cpuMs: alone.cpuMs * workspaces, peakMb: alone.peakMb };
  const isMet = answer.totals.done === workspaces && ours.cpuMs <= reference.cpuMs * 1.25;
  rmSync(folder, { recursive: true });
  const what = `workspaces: ${workspaces} × demo, ${PARALLEL} at a time`;
  return row(what, ours, { reference, by: "cpuMs", most: 1.25, isMet });
}

async function fleet(names, cwd, usageFile) {
  const args = ["workspaces", "run", ...names, "--parallel", String(PARALLEL), "--json", "--quiet"];
  const env = {
    ...process.env,
    NODE_OPTIONS: `--require ${JSON.stringify(USAGE)}`,
    GROWTHOS_BENCH_USAGE: usageFile,
    GROWTHOS_BENCH_EACH: "1",
  };
  const start = performance.now();
  const child = spawn(process.execPath, [BIN, ...args], { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (data) => {
    said += data;
  });
  await new Promise((resolve) => child.on("close", resolve));
  const wallMs = performance.now() - start;
  const folder = join(usageFile, "..");
  const usage = readdirSync(folder)
    .filter((name) => name.startsWith("usage."))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
  return { answer: JSON.parse(said), usage, wallMs };
}
