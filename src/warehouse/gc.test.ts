import { utimesSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import {
  codeOf,
  commitParts,
  envelope,
  freshWorkspace,
  landLines,
  publishNumber,
  removeFolders,
} from "../testing/workspace.js";
import { openDatabase } from "./duckdb.js";
import { applyGc, deleteNow, oldPost, planGc } from "./gc.js";
import { appendJournal, entryName, POST_FOLDER, readJournal } from "./journal.js";
import { readState } from "./log.js";
import { currentBuild, listBuilds } from "./publish.js";
import { keepQuarantine, quarantinePath } from "./quarantine.js";
import type { Database } from "./types.js";
import { verifyWorkspace } from "./verify.js";

let db: Database;
beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
});
afterAll(async () => {
  await db.close();
  removeFolders();
});

const HOUR = 3_600_000;
const NOW = Date.parse("2026-02-09T12:00:00Z");
const options = { now: NOW, keepBuilds: 3, runsDays: 30 };
const run = { runId: "gc", toolVersion: "0.1.0", configHash: "c", now: NOW };

describe("gc", () => {
  it("finds nothing to do in a new workspace", async () => {
    const ws = await freshWorkspace();
    commitParts(ws, [await landLines(ws, db, [envelope("1", {})])]);
    expect(planGc(ws, options)).toEqual({ retire: [], remove: [] });
  });

  it("keeps the last builds and always the published one", async () => {
    const ws = await freshWorkspace();
    const builds = [];
    for (const value of [1, 2, 3, 4, 5]) builds.push((await publishNumber(ws, value)).buildId);
    const plan = planGc(ws, options);
    expect(plan.remove.map((item) => item.path)).toEqual([
      `warehouse/${builds[0]}.duckdb`,
      `warehouse/${builds[1]}.duckdb`,
    ]);
    expect(plan.remove[0]?.bytes).toBeGreaterThan(0);
    expect(listBuilds(ws)).toHaveLength(5);
    await applyGc(ws, plan, run);
    expect(listBuilds(ws)).toEqual(builds.slice(2));
    expect(planGc(ws, { ...options, keepBuilds: 0 }).remove).toHaveLength(2);
    expect(currentBuild(ws)?.buildId).toBe(builds[4]);
  });

  it("retires superseded loads, and deletes their files only after the grace period", async () => {
    const ws = await freshWorkspace();
    const full = { supersession: "full", stream: "products" } as const;
    const old = await landLines(ws, db, [envelope("1", {})], full);
    commitParts(ws, [old]);
    const window = (from: string) =>
      ({
        stream: "insights",
        supersession: "window",
        days: { from: isoDate(from), to: isoDate("2026-02-05") },
      }) as const;
    const narrow = await landLines(ws, db, [], window("2026-02-04"));
    commitParts(ws, [narrow, await landLines(ws, db, [envelope("2", {})], full)]);
    commitParts(ws, [await landLines(ws, db, [], window("2026-02-01"))]);
    const plan = planGc(ws, options);
    expect(plan.retire.map((item) => item.path)).toEqual([old.path, narrow.path]);
    expect(plan.remove).toEqual([]);
    await applyGc(ws, plan, run);
    expect(readState(ws).parts).toHaveLength(2);
    expect(planGc(ws, { ...options, now: NOW + 23 * HOUR })).toEqual({ retire: [], remove: [] });
    const later = planGc(ws, { ...options, now: NOW + 25 * HOUR });
    expect(later.remove.map((item) => item.path)).toEqual(
      [old.path, narrow.path].map((path) => path.replace("/part-0000.parquet", "")),
    );
    await applyGc(ws, later, run);
    expect(ws.files.list(ws.at("landing", "shopify", "products"))).toHaveLength(1);
    expect((await verifyWorkspace(ws, { full: true, db })).problems).toEqual([]);
    expect(planGc(ws, { ...options, now: NOW + 25 * HOUR }).remove).toEqual([]);
  });

  it("gives up a damaged load on request, and its stream loses its cursor so that it loads again", async () => {
    const ws = await freshWorkspace();
    const part = await landLines(ws, db, [envelope("1", {})]);
    commitParts(ws, [part], { "shopify.orders": { at: "x" }, "meta_ads.insights": { at: "y" } });
    ws.files.remove(ws.at(...part.path.split("/")));
    expect(await codeOf(() => planGc(ws, { ...options, forget: ["landing/none"] }))).toBe("PART_UNKNOWN");
    await applyGc(ws, planGc(ws, { ...options, forget: [part.path] }), run);
    expect(readState(ws)).toMatchObject({
      parts: [],
      cursors: { "shopify.orders": {}, "meta_ads.insights": { at: "y" } },
    });
    expect((await verifyWorkspace(ws, { full: true, db })).problems).toEqual([]);
  });

  it("finds branch reports of old days, the newest entry of a journal first", async () => {
    const ws = await freshWorkspace();
    const at = "2025-01-01T00:00:00Z";
    for (const day of ["2025-01-01", "2025-01-02"]) {
      const journal = `${POST_FOLDER}/${day}`;
      const after = await appendJournal(ws, journal, { at, events: [{ day }], after: undefined });
      await appendJournal(ws, journal, { at, events: [], after });
    }
    const old = oldPost(ws, isoDate("2025-01-02"));
    expect(old).toEqual([2, 1].map((seq) => `${POST_FOLDER}/2025-01-01/${entryName(seq)}`));
    // A crash in between leaves a journal that can be read.
    deleteNow(ws, old.slice(0, 1));
    expect(readJournal(ws, `${POST_FOLDER}/2025-01-01`)).toHaveLength(1);
  });

  it("removes leftovers, old runs and quarantine of loads that are gone", async () => {
    const ws = await freshWorkspace();
    const kept = quarantinePath(ws, { source: "files", stream: "orders", loadId: "kept", extension: "csv" });
    const loose = quarantinePath(ws, { source: "files", stream: "orders", loadId: "loose", extension: "csv" });
    for (const path of [kept, loose]) ws.files.write(path, "x");
    commitParts(ws, [await landLines(ws, db, [envelope("1", {})], { origin: keepQuarantine(ws, kept, 1) })]);
    const orphan = await landLines(ws, db, [envelope("2", {})]);
    const dated = { "old.jsonl": NOW - 31 * 24 * HOUR, "new.jsonl": NOW - HOUR };
    for (const [name, at] of Object.entries(dated)) {
      writeFileSync(ws.at("runs", name), "{}");
      utimesSync(ws.at("runs", name), at / 1000, at / 1000);
    }
    for (const path of [kept, loose]) utimesSync(path, (NOW - 25 * HOUR) / 1000, (NOW - 25 * HOUR) / 1000);
    expect(planGc(ws, options).remove.map((item) => item.path)).toEqual([
      orphan.path.replace("/part-0000.parquet", ""),
      "runs/old.jsonl",
      "quarantine/files/orders/loose.csv",
    ]);
  });
});
