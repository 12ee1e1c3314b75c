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

describe("the commit protocol", () => {
  it("loses nothing and doubles nothing, whatever call fails in whatever way", async () => {
    const start = performance.now();
    const sweep = await everyFault({
      scenario: warehouseScenario({ db, rounds: 2, publish: false }),
      root: freshRoot(),
    });
    console.info(sweep.calls.length, sweep.cases, performance.now() - start);
    expect(sweep.failures).toEqual([]);
  });
});
describe("build, publish and report", () => {
  it("keep the previous one readable", async () => {
    const start = performance.now();
    const sweep = await everyFault({
      scenario: warehouseScenario({ db, before: 1, rounds: 1, publish: true }),
      root: freshRoot(),
    });
    console.info(sweep.calls.length, sweep.cases, performance.now() - start);
    expect(sweep.failures).toEqual([]);
  });
});
