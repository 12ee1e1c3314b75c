import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../base/clock.js";
import { sha256 } from "../../base/hash.js";
import { systemRandom } from "../../base/ids.js";
import { type MemoryObjects, memoryObjects, StoreGone } from "../../testing/objects.js";
import { codeOf, envelope, freshFolder, freshWorkspace, landLines, removeFolders } from "../../testing/workspace.js";
import { diskFiles } from "../disk.js";
import { openDatabase } from "../duckdb.js";
import { beginErasing, finishErasing, planErasure } from "../erase/erase.js";
import { readTombstones } from "../erase/tombstones.js";
import { ALERTS_JOURNAL, appendJournal, readJournal } from "../journal.js";
import { createWorkspace, readSalt } from "../layout.js";
import { withLock } from "../lock.js";
import { commitEntry, headVersion, type LogDraft, readLog, readState, recover } from "../log.js";
import { createRawRelation } from "../raw-views.js";
import type { Cursor, Database, LogEntry, Workspace } from "../types.js";
import { fillStore } from "./identity.js";
import { sharedStore } from "./open.js";

let db: Database;
beforeAll(async () => {
  db = await openDatabase({ memoryLimitMb: 256, threads: 1 });
});
afterAll(async () => {
  await db.close();
  removeFolders();
});

const ID = { id: "a".repeat(32), salt: "5".repeat(64) };
const RUN = { toolVersion: "0", configHash: "c", at: "2026-02-09T06:00:00.000Z" };
const lock = { waitMs: 0, clock: systemClock, owner: "test" };

/** A machine with an empty disk, on a store. */
async function machine(objects: MemoryObjects): Promise<Workspace> {
  const store = sharedStore({ objects, random: systemRandom });
  const place = { projectRoot: freshFolder(), name: "shop", files: diskFiles, random: systemRandom };
  return createWorkspace({ ...place, known: ID, store });
}

async function begun(): Promise<MemoryObjects> {
  const objects = memoryObjects();
  await fillStore(await machine(objects), objects);
  return objects;
}

const sync = <T>(ws: Workspace, action: () => Promise<T>) =>
  withLock(ws, "ingest", lock, async () => {
    recover(ws);
    return action();
  });

/** Lands rows of a stream and commits them with a cursor, as a source does. */
async function landed(
  ws: Workspace,
  keys: readonly string[],
  more: { readonly stream?: string; readonly cursor?: Cursor; readonly kind?: LogDraft["kind"] } = {},
): Promise<LogEntry> {
  const { stream = "orders", cursor = {}, kind = "append" } = more;
  const lines = keys.map((key) => envelope(key, { id: key, email: `${key}@example.com` }));
  const part = await landLines(ws, db, lines, { stream });
  const cursors = { [`shopify.${stream}`]: cursor };
  return commitEntry(ws, { kind, runId: `run-${keys[0]}`, added: [part], removed: [], cursors, ...RUN });
}

/** The keys that a reader of this machine's copy finds. */
async function keysIn(ws: Workspace, stream = "orders"): Promise<readonly unknown[]> {
  const parts = readState(ws).parts.filter((part) => part.stream === stream);
  await createRawRelation(db, { ws, source: "shopify", stream, parts });
  return (await db.all(`select _key from raw.shopify__${stream} order by all`)).map((row) => row["_key"]);
}

const newest = (ws: Workspace) => sync(ws, async () => {});

describe("a workspace in a store", () => {
  it("comes whole to a machine with an empty disk", async () => {
    const objects = await begun();
    const first = await machine(objects);
    await sync(first, () => landed(first, ["1", "2"], { cursor: { at: "x" } }));
    const second = await machine(objects);
    expect(readState(second).version).toBe(0);
    await newest(second);
    expect(readLog(second)).toEqual(readLog(first));
    expect(await keysIn(second)).toEqual(["1", "2"]);
    expect(readState(second).cursors["shopify.orders"]).toEqual({ at: "x" });
  });

  it("takes the history of a folder over, also when that was interrupted anywhere", async () => {
    const folder = await freshWorkspace();
    await landed(folder, ["1"]);
    await landed(folder, ["2"], { stream: "customers" });
    await appendJournal(folder, ALERTS_JOURNAL, { at: RUN.at, events: ["told"], after: undefined });
    const whole = memoryObjects();
    expect(await fillStore(folder, whole)).toEqual({ versions: 2, files: 2 });
    for (let at = 1; at <= whole.calls.length; at++) {
      const objects = memoryObjects();
      objects.failAt(at, at % 2 === 0 ? "before" : "after");
      await expect(fillStore(folder, objects)).rejects.toThrow(StoreGone);
      objects.failAt(0, "before");
      await fillStore(folder, objects);
      expect([...objects.kept.keys()].sort()).toEqual([...whole.kept.keys()].sort());
    }
    expect([...whole.kept.values()].some(({ bytes }) => Buffer.from(bytes).includes(readSalt(folder)))).toBe(false);
  });

  it("has one history when two machines commit at once, if they have nothing to do with each other", async () => {
    const objects = await begun();
    const [a, b] = [await machine(objects), await machine(objects)];
    await sync(a, () =>
      sync(b, async () => Promise.all([landed(a, ["1"]), landed(b, ["2"], { stream: "customers" })])),
    );
    for (const ws of [a, b]) await newest(ws);
    expect(readLog(a)).toEqual(readLog(b));
    expect(headVersion(a)).toBe(2);
    expect([await keysIn(a), await keysIn(a, "customers")]).toEqual([["1"], ["2"]]);
  });

  it("tells the slower of two that read the same stream, and keeps nothing of it", async () => {
    const objects = await begun();
    const [a, b] = [await machine(objects), await machine(objects)];
    const lost = () => sync(b, async () => sync(a, () => landed(a, ["1"])).then(() => landed(b, ["1", "2"])));
    expect(await codeOf(lost)).toBe("COMMIT_CONFLICT");
    expect(readLog(b)).toEqual(readLog(a));
    await sync(b, () => landed(b, ["2"]));
    await newest(a);
    expect(await keysIn(a)).toEqual(["1", "2"]);
  });

  it("lets nothing be committed that was read before somebody was erased", async () => {
    const objects = await begun();
    const [a, b] = [await machine(objects), await machine(objects)];
    const late = () =>
      sync(b, async () =>
        sync(a, () => landed(a, ["1"], { kind: "erase" })).then(() => landed(b, ["2"], { stream: "customers" })),
      );
    expect(await codeOf(late)).toBe("COMMIT_CONFLICT");
  });

  it("lets several sources of one process commit at the same time", async () => {
    const objects = await begun();
    const ws = await machine(objects);
    const streams = ["a", "b", "c", "d"];
    for (const stream of streams) await landLines(ws, db, [], { stream: `${stream}x` });
    await sync(ws, async () => {
      const { added: _, ...draft } = { kind: "state" as const, added: [], removed: [], ...RUN };
      await Promise.all(
        streams.map((stream) =>
          commitEntry(ws, { ...draft, added: [], runId: stream, cursors: { [`shopify.${stream}`]: {} } }),
        ),
      );
    });
    expect(readLog(ws).map(({ version }) => version)).toEqual([1, 2, 3, 4]);
  });

  it("is in the store whole or not at all, wherever a machine stops", async () => {
    for (const when of ["before", "after"] as const) {
      for (let at = 1; at <= 2; at++) {
        const objects = await begun();
        const ws = await machine(objects);
        await newest(ws);
        objects.failAt(at, when);
        await expect(sync(ws, () => landed(ws, ["1"]))).rejects.toThrow(StoreGone);
        objects.failAt(0, "before");
        const isIn = at === 2 && when === "after";
        const other = await machine(objects);
        await newest(other);
        expect(headVersion(other)).toBe(isIn ? 1 : 0);
        // The machine itself goes on from what the store says, and lands the rest.
        await sync(ws, async () => {
          if (!(await keysIn(ws)).includes("1")) await landed(ws, ["1"]);
          await landed(ws, ["2"]);
        });
        await newest(other);
        expect(await keysIn(other)).toEqual(["1", "2"]);
        expect(readLog(other)).toHaveLength(2);
      }
    }
  });

  it("gives nothing to readers whose digest is another, and nothing that is missing", async () => {
    const objects = await begun();
    const first = await machine(objects);
    const { added } = await sync(first, () => landed(first, ["1"]));
    const key = added[0]?.path ?? "";
    const whole = objects.kept.get(key)?.bytes ?? new Uint8Array();
    for (const damage of [Buffer.from(whole).fill(0, 40, 41), whole.subarray(1), null]) {
      if (damage === null) objects.kept.delete(key);
      else objects.kept.set(key, { bytes: damage, modifiedMs: 0 });
      const second = await machine(objects);
      expect(await codeOf(() => newest(second))).toBe("STORE_PART");
      expect(second.files.stat(second.at(...key.split("/")))).toBeUndefined();
      objects.kept.set(key, { bytes: whole, modifiedMs: 0 });
      await newest(second);
      expect(await keysIn(second)).toEqual(["1"]);
    }
  });

  it("refuses another workspace's store, an empty one, and a log that was changed", async () => {
    const objects = await begun();
    expect(await codeOf(async () => newest(await machine(memoryObjects())))).toBe("STORE_EMPTY");
    const stranger = await freshWorkspace();
    const store = sharedStore({ objects, random: systemRandom });
    expect(await codeOf(() => newest({ ...stranger, store }))).toBe("STORE_OTHER");
    expect(await codeOf(() => fillStore(stranger, objects))).toBe("STORE_OTHER");
    const ws = await machine(objects);
    await sync(ws, () => landed(ws, ["1"]));
    const key = "log/000000000001.json";
    const text = Buffer.from(objects.kept.get(key)?.bytes ?? []).toString("utf8");
    objects.kept.set(key, { bytes: Buffer.from(text.replace("run-1", "run-2")), modifiedMs: 0 });
    expect(await codeOf(() => newest(ws))).toBe("STORE_LOG");
    expect(await codeOf(async () => newest(await machine(objects)))).toBe("STORE_LOG");
  });
});

describe("the history of alerts in a store", () => {
  const told = (ws: Workspace) => readJournal(ws, ALERTS_JOURNAL).flatMap(({ events }) => events);
  const tell = (ws: Workspace, event: string) =>
    withLock(ws, "spool", lock, () =>
      appendJournal(ws, ALERTS_JOURNAL, { at: RUN.at, events: [event], after: readJournal(ws, ALERTS_JOURNAL).at(-1) }),
    );

  it("is the same on every machine, and nobody adds to an old one", async () => {
    const objects = await begun();
    const [a, b] = [await machine(objects), await machine(objects)];
    await tell(a, "1");
    await tell(b, "2");
    await tell(a, "3");
    expect(told(a)).toEqual(["1", "2", "3"]);
    const late = () =>
      appendJournal(b, ALERTS_JOURNAL, { at: RUN.at, events: ["x"], after: readJournal(b, ALERTS_JOURNAL).at(-1) });
    expect(await codeOf(late)).toBe("JOURNAL_CONFLICT");
    expect(await codeOf(() => appendJournal(b, "outbox", { at: RUN.at, events: [], after: undefined }))).toBe(
      "STORE_UNSUPPORTED",
    );
  });

  it("does not hold who was erased any more, on no machine, wherever that was interrupted", async () => {
    let isSwept = false;
    for (let at = 1; !isSwept; at++) {
      const objects = await begun();
      const [a, b] = [await machine(objects), await machine(objects)];
      await tell(a, "order 4711 of jo@example.com");
      await tell(a, "other");
      await sync(a, () => landed(a, ["jo", "kim"]));
      await a.store?.keepStaged(a, stagedFile(a));
      await newest(b);
      await withLock(b, "spool", lock, async () => {});
      b.files.write(b.at("staged", "old.parquet"), "x");
      objects.kept.set("engine/000001-aa/stg_orders.parquet", { bytes: Buffer.from("jo"), modifiedMs: objects.now });
      const place = { ws: a, db, random: systemRandom };
      const erase = () =>
        sync(a, () =>
          withLock(a, "spool", lock, async () => {
            const { names } = await planErasure(place, [
              { kind: "email", id: "jo@example.com", text: "jo@example.com" },
            ]);
            const stamp = { toolVersion: "0", configHash: "c" };
            const underWay = beginErasing(place, { names, answers: [], now: Date.parse(RUN.at), stamp });
            return { underWay };
          }),
        );
      const { underWay } = await erase();
      const finish = () => sync(a, () => withLock(a, "spool", lock, () => finishErasing(place, underWay)));
      objects.failAt(at, at % 2 === 0 ? "before" : "after");
      isSwept = await finish().then(
        () => true,
        (thrown: unknown) => {
          if (!(thrown instanceof StoreGone)) throw thrown;
          return false;
        },
      );
      objects.failAt(0, "before");
      await finish();
      const texts = [...objects.kept.values()].map(({ bytes }) => Buffer.from(bytes).toString("latin1"));
      expect(texts.filter((text) => text.includes("jo@example.com"))).toEqual([]);
      expect([...objects.kept.keys()].filter((key) => /^(staged|engine)\//.test(key))).toEqual([]);
      expect([...objects.kept.keys()].filter((key) => key.startsWith("landing/"))).toEqual(
        readState(a).parts.map(({ path }) => path),
      );
      await newest(b);
      await withLock(b, "spool", lock, async () => {});
      expect(told(b)).toEqual(told(a));
      expect(told(b)).toContain("other");
      expect([...readTombstones(b).keys()]).toEqual([...readTombstones(a).keys()]);
      expect(b.files.list(b.at("staged"))).toEqual([]);
      expect(b.files.list(b.at("landing", "shopify", "orders"))).toHaveLength(1);
      // A machine that begins now gets the same.
      const c = await machine(objects);
      await newest(c);
      expect([...readTombstones(c).keys()]).toEqual([...readTombstones(a).keys()]);
      expect(await keysIn(c)).toContain("kim");
    }
  });
});

function stagedFile(ws: Workspace): string {
  const bytes = Buffer.from("jo@example.com staged");
  const name = `${"0".repeat(32)}-${sha256(bytes).slice(0, 32)}.parquet`;
  ws.files.makeFolder(ws.at("staged", "stg_x"));
  ws.files.write(ws.at("staged", "stg_x", name), bytes);
  return ws.at("staged", "stg_x", name);
}
