import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, isoDate } from "../base/dates.js";
import { systemRandom } from "../base/ids.js";
import { planTasks } from "../sync/plan.js";
import { dice } from "../testing/people-world.js";
import { commitParts, envelope, freshWorkspace, landLines, removeFolders } from "../testing/workspace.js";
import { openDatabase } from "./duckdb.js";
import { applyGc, planGc } from "./gc.js";
import { absolutePath } from "./layout.js";
import { readLog, readState } from "./log.js";
import { applyPrune, planPrune } from "./prune.js";
import { keptFrom } from "./pruned.js";
import { createRawRelation, survivors } from "./raw-views.js";
import type { Database, Row, Workspace } from "./types.js";
import { verifyWorkspace } from "./verify.js";

let db: Database;
beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
});
afterAll(async () => {
  await db.close();
  removeFolders();
});

const FIRST = isoDate("2024-01-01");
const BEFORE = isoDate("2024-01-15");
const NOW = Date.parse("2026-02-09T12:00:00Z");
const run = { runId: "prune-1", toolVersion: "0.1.0", configHash: "c", now: NOW };
const day = (index: number) => addDays(FIRST, index);

/** Loads of random stretches of 30 days, read again and restated, of events that follow the window rule; and pushed ones by key. */
async function events(seed: number): Promise<Workspace> {
  const ws = await freshWorkspace();
  const roll = dice(seed);
  for (let load = 0; load < 8; load++) {
    const from = roll(28);
    const to = Math.min(29, from + roll(8));
    const days = { from: day(from), to: day(to) };
    const lines = Array.from({ length: roll(12) }, (_, row) =>
      envelope(`e${row}`, { load, value: roll(100) }, day(from + roll(to - from + 1))),
    );
    commitParts(ws, [
      await landLines(ws, db, lines, { source: "ga4_events", stream: "page_view", supersession: "window", days }),
    ]);
    const pushed = Array.from({ length: 6 }, (_, row) => envelope(`p${load}-${row}`, { load }, day(roll(30))));
    commitParts(ws, [await landLines(ws, db, pushed, { source: "pixel", stream: "events" })]);
  }
  commitParts(ws, [await landLines(ws, db, [envelope("o", { id: 1 }, day(0))])]);
  return ws;
}

/** The rows that stand, as every model sees them. */
async function standing(ws: Workspace, source: string, stream: string): Promise<readonly Row[]> {
  const parts = readState(ws).parts.filter((part) => part.source === source && part.stream === stream);
  const of = { ws, source, stream, parts };
  const kept = await survivors(db, { ...of, table: "standing" });
  await createRawRelation(db, { ...of, parts: kept.parts });
  const using = kept.kind === "key" ? "_key, _load" : "_slice, _load";
  const only = kept.kind === "all" ? "" : `semi join standing using (${using})`;
  return db.all(`select * from raw."${source}__${stream}" as rows ${only} order by _slice, _key, _hash, _load`);
}

async function prune(ws: Workspace) {
  const plan = await planPrune(ws, db, BEFORE);
  await applyPrune({ ws, db, random: systemRandom }, plan, run);
  return plan;
}

describe("pruning", () => {
  it.each([1, 2, 3, 4, 5, 6])(
    "leaves the kept days as they were, and nothing of the others (world %i)",
    async (seed) => {
      const ws = await events(seed);
      const streams = [
        ["ga4_events", "page_view"],
        ["pixel", "events"],
      ] as const;
      const before: (readonly Row[])[] = [];
      for (const [source, stream] of streams) before.push(await standing(ws, source, stream));
      const orders = await standing(ws, "shopify", "orders");
      await prune(ws);
      for (const [index, [source, stream]] of streams.entries()) {
        expect(await standing(ws, source, stream)).toEqual(
          before[index]?.filter((row) => String(row["_slice"]) >= BEFORE),
        );
        expect(keptFrom(readState(ws), source, stream)).toBe(BEFORE);
      }
      expect(await standing(ws, "shopify", "orders")).toEqual(orders);
      expect(readState(ws).parts.filter(({ days }) => days !== null && days.from < BEFORE)).toEqual([]);
      expect((await planPrune(ws, db, BEFORE)).parts).toEqual([]);
      expect((await verifyWorkspace(ws, { full: true, db })).problems).toEqual([]);
      expect(readLog(ws).at(-1)?.kind).toBe("prune");
    },
  );

  it("deletes files a day later, as everything else", async () => {
    const ws = await events(1);
    const { parts } = await prune(ws);
    const there = () => parts.filter(({ part }) => ws.files.stat(absolutePath(ws, part.path)) !== undefined).length;
    const gc = async (hours: number) => {
      const options = { now: NOW + hours * 3_600_000, keepBuilds: 3, runsDays: 90 };
      await applyGc(ws, planGc(ws, options), { ...run, runId: "gc", now: options.now });
      return there();
    };
    expect([there(), await gc(23), await gc(25)]).toEqual([parts.length, parts.length, 0]);
  });

  it("does not let a sync read the pruned days again, not even when it is asked to", async () => {
    const ws = await events(2);
    const stream = {
      source: "ga4_events",
      stream: "page_view",
      sync: { kind: "window", lookbackDays: 4, chunkDays: 4 },
      since: FIRST,
    } as const;
    const earliest = (backfill = false) => {
      const selection = backfill ? { backfill: { from: FIRST, to: day(29) } } : {};
      const asked = { streams: [stream], state: readState(ws), asOf: day(30), now: NOW, selection };
      const { tasks } = planTasks(asked);
      return tasks.flatMap(({ slice }) => (slice.kind === "days" ? [slice.days.from] : [])).sort()[0] ?? BEFORE;
    };
    expect(earliest() < BEFORE || earliest(true) < BEFORE).toBe(true);
    await prune(ws);
    expect(earliest() >= BEFORE).toBe(true);
    expect(earliest(true) >= BEFORE).toBe(true);
  });
});
