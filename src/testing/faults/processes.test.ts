import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemRandom } from "../../base/ids.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { createWorkspace, openWorkspace } from "../../warehouse/layout.js";
import type { Database } from "../../warehouse/types.js";
import { bundleEntry, startChild } from "./bundle.js";
import { warehouseScenario } from "./warehouse-scenario.js";

const ROUNDS = 12;
let db: Database;
const bundles: Record<string, string> = {};
const folders: string[] = [];

beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
  for (const name of ["kill-entry", "contend-entry"]) bundles[name] = await bundleEntry(name);
});
afterAll(async () => {
  await db.close();
  for (const folder of [...folders, ...Object.values(bundles).map(dirname)]) rmSync(folder, { recursive: true });
});

async function freshWorkspace(): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "growthos-processes-"));
  folders.push(root);
  await createWorkspace({ projectRoot: root, name: "shop", files: diskFiles, random: systemRandom });
  return root;
}

describe("a process that is killed", () => {
  it("P01 loses nothing that it acknowledged, and the next one ends the work without help", async () => {
    const scenario = warehouseScenario({ db, rounds: ROUNDS, publish: false });
    const root = await freshWorkspace();
    const acknowledged = new Set<string>();
    // A walk over the run: each process is killed a little later than the one before, counted from its start of work.
    for (let kill = 0; kill < 8; kill++) {
      const child = startChild(bundles["kill-entry"] ?? "", [root, String(ROUNDS)]);
      while (child.lines.length === 0 && child.process.exitCode === null)
        await new Promise((resolve) => setTimeout(resolve, 2));
      await new Promise((resolve) => setTimeout(resolve, 5 + 9 * kill));
      child.process.kill("SIGKILL");
      await child.ended;
      expect(child.lines.filter((line) => line.startsWith("stderr"))).toEqual([]);
      for (const line of child.lines) if (line.startsWith("round")) acknowledged.add(line);
      const visible = await scenario.visible(root);
      expect([...acknowledged].filter((what) => !visible.includes(what))).toEqual([]);
    }
    const last = startChild(bundles["kill-entry"] ?? "", [root, String(ROUNDS)]);
    expect(await last.ended).toEqual({ code: 0, signal: null });
    const undisturbed = await freshWorkspace();
    await scenario.run(diskFiles, undisturbed, () => {});
    const found = (await scenario.inspect(root)) as Record<string, unknown>;
    const expected = (await scenario.inspect(undisturbed)) as Record<string, unknown>;
    expect(found["rows"]).toEqual(expected["rows"]);
    expect(found["cursors"]).toEqual(expected["cursors"]);
  });
});

/** Times at which somebody entered while another one was inside and alive. */
function doubleOwners(journal: string): number {
  let inside: string | undefined;
  let doubles = 0;
  for (const line of journal.split("\n").filter(Boolean)) {
    const [event, pid] = line.split(" ");
    if (event === "enter") {
      if (inside !== undefined) doubles += 1;
      inside = pid;
    } else if (inside === pid) inside = undefined;
  }
  return doubles;
}

interface Contest {
  readonly turns: number;
  readonly deaths: number;
  readonly doubles: number;
}

/** Lets four processes contend, replacing those that die, until `enough`. Counts events, not seconds: a busy machine only takes longer. */
async function contend(kind: "kernel" | "pid", enough: (contest: Contest) => boolean): Promise<Contest> {
  const root = await freshWorkspace();
  writeFileSync(join(root, "journal"), "");
  const contest = (): Contest => {
    const journal = readFileSync(join(root, "journal"), "utf8");
    const count = (event: string) => journal.split("\n").filter((line) => line.startsWith(event)).length;
    return { turns: count("enter"), deaths: count("die"), doubles: doubleOwners(journal) };
  };
  const worker = async () => {
    while (!existsSync(join(root, "stop"))) {
      const child = startChild(bundles["contend-entry"] ?? "", [kind, root, "17"]);
      const { code } = await child.ended;
      if (code !== 0 && code !== null) throw new Error(child.lines.join("\n"));
    }
  };
  const workers = [worker(), worker(), worker(), worker()];
  while (!enough(contest())) await new Promise((resolve) => setTimeout(resolve, 20));
  writeFileSync(join(root, "stop"), "");
  await Promise.all(workers);
  return contest();
}

describe("four processes that want one lock, some of which die with it", () => {
  it("P06 never hold the kernel's lock together", async () => {
    const { doubles } = await contend("kernel", ({ turns, deaths }) => turns >= 40 && deaths >= 4);
    expect(doubles).toBe(0);
  });

  it("do hold a pid file together: the test can tell the difference", async () => {
    const { doubles } = await contend("pid", ({ turns, doubles }) => doubles > 0 || turns > 5000);
    expect(doubles).toBeGreaterThan(0);
  });

  it("P06 a second run is told who holds the lock", async () => {
    const root = await freshWorkspace();
    const { withLock } = await import("../../warehouse/lock.js");
    const { systemClock } = await import("../../base/clock.js");
    const ws = openWorkspace({ projectRoot: root, name: "shop", files: diskFiles });
    await withLock(ws, "ingest", { waitMs: 0, clock: systemClock, owner: "sync of shop" }, async () => {
      const child = startChild(bundles["kill-entry"] ?? "", [root, "1"]);
      const { code } = await child.ended;
      expect(code).toBe(1);
      expect(child.lines.join("\n")).toContain(`process ${process.pid} has it open; held by "sync of shop" for 0 min`);
    });
  });
});
