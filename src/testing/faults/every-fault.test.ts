import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../warehouse/duckdb.js";
import type { Database } from "../../warehouse/types.js";
import { everyFault } from "./every-fault.js";
import { warehouseScenario } from "./warehouse-scenario.js";

let db: Database;
const folders: string[] = [];
const freshRoot = () => {
  const root = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "growthos-faults-"));
  folders.push(root);
  return root;
};
beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
});
afterAll(async () => {
  await db.close();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describe("whatever call fails in whatever way", () => {
  it("F01 F02 F03 F04 B-23 B-31 commits lose nothing and double nothing", async () => {
    const sweep = await everyFault({
      scenario: warehouseScenario({ db, rounds: 2, publish: false }),
      root: freshRoot(),
    });
    expect(sweep.failures).toEqual([]);
    expect(sweep.cases).toBeGreaterThan(250);
  });

  it("F01 F02 F03 R05 B-37 build, publish and report leave the previous ones readable", async () => {
    const scenario = warehouseScenario({ db, before: 1, rounds: 1, publish: true });
    const sweep = await everyFault({ scenario, root: freshRoot() });
    expect(sweep.failures).toEqual([]);
    expect(sweep.cases).toBeGreaterThan(90);
  });

  it("three commits, a build and a report end as if nothing had happened (every ninth call)", async () => {
    const scenario = warehouseScenario({ db, rounds: 3, publish: true, before: 1 });
    const sweep = await everyFault({ scenario, root: freshRoot(), stride: 9 });
    expect(sweep.failures).toEqual([]);
  });
});
