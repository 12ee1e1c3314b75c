import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../base/clock.js";
import { systemRandom } from "../../base/ids.js";
import { memoryObjects } from "../../testing/objects.js";
import { envelope, freshFolder, landLines, removeFolders } from "../../testing/workspace.js";
import { diskFiles } from "../disk.js";
import { openDatabase } from "../duckdb.js";
import { createWorkspace } from "../layout.js";
import { withLock } from "../lock.js";
import { commitEntry } from "../log.js";
import type { Database } from "../types.js";
import { fillStore } from "./identity.js";
import { sharedStore } from "./open.js";
import { applyStoreGc, planStoreGc } from "./upkeep.js";

let db: Database;
beforeAll(async () => {
  db = await openDatabase({ memoryLimitMb: 128, threads: 1 });
});
afterAll(async () => {
  await db.close();
  removeFolders();
});

it("gives a day to what was put and not committed, and to what a commit removed", async () => {
  const objects = memoryObjects();
  const place = { projectRoot: freshFolder(), name: "shop", files: diskFiles, random: systemRandom };
  const ws = await createWorkspace({ ...place, store: sharedStore({ objects, random: systemRandom }) });
  await fillStore(ws, objects);
  const at = "2026-02-09T06:00:00.000Z";
  const commit = async (key: string, removed: readonly string[]) =>
    withLock(ws, "ingest", { waitMs: 0, clock: systemClock, owner: "test" }, async () => {
      const part = await landLines(ws, db, [envelope(key, {})]);
      const gone = removed.map((path) => ({ path, reason: "superseded" }));
      const draft = {
        kind: "append",
        runId: key,
        removed: gone,
        cursors: {},
        toolVersion: "0",
        configHash: "c",
      } as const;
      await commitEntry(ws, { ...draft, added: [part], at });
      return part.path;
    });
  const old = await commit("1", []);
  const orphan = "landing/shopify/orders/000000000009-aa/part-0000.parquet";
  const onItsWay = "engine/000001-aa/stg_orders.parquet";
  for (const key of [orphan, onItsWay, "staged/stg_x/k.parquet"]) {
    const bytes = Buffer.from("x");
    objects.kept.set(key, { bytes, modifiedMs: objects.now });
  }
  const kept = await commit("2", [old]);
  const after = async (hours: number) => {
    objects.now = Date.parse(at) + hours * 3_600_000;
    return (await planStoreGc(ws, objects, { now: objects.now })).map(({ key }) => key);
  };
  expect(await after(23)).toEqual([]);
  expect((await after(25)).sort()).toEqual([old, orphan, onItsWay].sort());
  expect(await after(31 * 24)).toContain("staged/stg_x/k.parquet");
  await applyStoreGc(objects, await planStoreGc(ws, objects, { now: objects.now }));
  expect([...objects.kept.keys()].filter((key) => /^(landing|staged|engine)/.test(key))).toEqual([kept]);
});
