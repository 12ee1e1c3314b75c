import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import { Secret } from "../base/secret.js";
import { CONNECTORS, connectorById } from "../connectors/index.js";
import type { JsonObject } from "../connectors/shape.js";
import type { Transport } from "../http/types.js";
import { readFixture, vendorDouble, wireRows } from "../testing/vendors.js";
import { diskFiles } from "../warehouse/disk.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { createWorkspace, openWorkspace } from "../warehouse/layout.js";
import { withLock } from "../warehouse/lock.js";
import { readLog, readState } from "../warehouse/log.js";
import { createRawRelation } from "../warehouse/raw-views.js";
import type { Row, Workspace } from "../warehouse/types.js";
import { planSync, runSync } from "./run.js";
import { readRuns, writeRun } from "./runs.js";
import type { ImportSource, RunRecord, SyncOptions, SyncSource } from "./types.js";

const projectRoot = mkdtempSync(join(tmpdir(), "growthos-sync-"));
afterAll(() => rmSync(projectRoot, { recursive: true, force: true }));

const asOf = isoDate("2026-02-09");
const AT = Date.parse("2026-02-09T06:00:00Z");
let made = 0;

function workspace(): Promise<Workspace> {
  made += 1;
  return createWorkspace({ projectRoot, name: `shop-${made}`, files: diskFiles, random: systemRandom });
}

/** A source over a double that holds the rows; without rows, those of the recorded fixture. */
function source(id: string, transport: Transport, options?: JsonObject): SyncSource {
  const connector = connectorById(id);
  if (connector === undefined) throw new Error(id);
  const recorded =
    { shopify: "orders", meta_ads: "insights", google_ads: "campaign_days", ga4: "traffic_days" }[id] ?? "";
  return {
    connector,
    // One stream of an ad platform stands for all of them; the double knows its rows only.
    ...(id === "shopify" ? {} : { streams: [recorded] }),
    options: options ?? readFixture(id, recorded).options,
    secrets: { token: new Secret("s3cret-token") },
    transport,
    since: isoDate("2026-01-20"),
    timeoutMinutes: 30,
  };
}

function adRows(id: string, stream: string): readonly JsonObject[] {
  return wireRows(id, readFixture(id, stream), []);
}

const double = (id: string, stream: string, page = 2) => vendorDouble(id, adRows(id, stream), { page });
const failing = (status: number): Transport => ({ send: async () => ({ status, headers: {}, body: "{}" }) });

function options(ws: Workspace, sources: readonly SyncSource[], over: Partial<SyncOptions> = {}): SyncOptions {
  return {
    ws,
    sources,
    asOf,
    pii: "hash",
    clock: fixedClock(AT),
    random: systemRandom,
    log: silentLog,
    toolVersion: "0",
    configHash: "c",
    ...over,
  };
}

/** Keys, slices and hashes of a stream's rows, all parts. */
async function rowsOf(ws: Workspace, id: string, stream: string): Promise<readonly Row[]> {
  const db = await openDatabase({});
  const parts = readState(ws).parts.filter((part) => part.source === id && part.stream === stream);
  await createRawRelation(db, { ws, source: id, stream, parts });
  const rows = await db.all(`select _key, _slice, _hash, _load, payload from raw."${id}__${stream}" order by all`);
  await db.close();
  return rows;
}

/** A shop with `count` orders that were all updated in the same second. */
function orderRows(count: number, updatedAt = "2026-02-03T10:00:00Z"): readonly JsonObject[] {
  const list = { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] };
  return Array.from({ length: count }, (_, index) => ({
    id: `gid://shopify/Order/${1000 + index}`,
    updatedAt,
    email: `Person${index}@Example.com`,
    refunds: [],
    transactions: [],
    lineItems: list,
  }));
}

const shop = (rows: readonly JsonObject[], page = 250) =>
  source("shopify", vendorDouble("shopify", rows, { page }), { shop: "northwind-tea", pageSize: 250 });
const ordersOnly = { streams: ["shopify.orders"] };

describe("runSync", () => {
  it("lands every source, with coverage and cursor in the same commits", async () => {
    const ws = await workspace();
    const report = await runSync(
      options(ws, [
        source("meta_ads", double("meta_ads", "insights")),
        source("google_ads", double("google_ads", "campaign_days")),
        source("ga4", double("ga4", "traffic_days")),
        shop(orderRows(3)),
      ]),
    );
    expect(report).toMatchObject({ state: "completed", exit: "ok" });
    expect(report.sources.map(({ source: id, rows }) => [id, rows])).toEqual([
      ["meta_ads", 4],
      ["google_ads", 3],
      ["ga4", 4],
      ["shopify", 3],
    ]);
    const state = readState(ws);
    expect(state.cursors["shopify.orders"]).toEqual({
      since: "2026-01-19T00:00:00.000Z",
      until: "2026-02-09T06:00:00.000Z",
    });
    const parts = state.parts.filter((part) => part.source === "meta_ads");
    expect(parts.map(({ days, rows }) => [days, rows])).toEqual([[{ from: "2026-01-20", to: "2026-02-08" }, 4]]);
    expect(parts[0]?.origin).toMatchObject({ api_version: "v26.0", because: "first_run" });
    // Orders answer for their days too: a day without orders is known to be empty.
    const answered = state.parts.filter((part) => part.stream === "orders");
    expect(answered.map(({ days, supersession }) => [days, supersession])).toEqual([
      [{ from: "2026-01-20", to: "2026-02-08" }, "key"],
    ]);
    const keys = (await rowsOf(ws, "meta_ads", "insights")).map((row) => row["_key"]);
    expect(keys).toEqual([...readFixture("meta_ads", "insights").expect.keys].sort());
    const people = await rowsOf(ws, "shopify", "orders");
    expect(JSON.stringify(people)).not.toMatch(/person\d@/i);
    expect(diskFiles.list(ws.at("staging"))).toEqual([]);
  });

  it("B-21 B-29 changes nothing when it runs again", async () => {
    const ws = await workspace();
    const all = () =>
      options(ws, [
        source("meta_ads", double("meta_ads", "insights", 1)),
        source("google_ads", double("google_ads", "campaign_days", 1)),
        source("ga4", double("ga4", "traffic_days", 1)),
        shop(orderRows(3)),
      ]);
    await runSync(all());
    const before = readState(ws);
    const again = await runSync(all());
    expect(again).toMatchObject({ state: "completed", rows: 0 });
    expect(again.sources.map(({ tasksDone }) => tasksDone)).toEqual([1, 1, 1, 0]);
    expect(readState(ws)).toEqual(before);
  });

  it("A11 lands restated days again, and the newer load wins", async () => {
    const ws = await workspace();
    const rows = adRows("meta_ads", "insights");
    const restated = rows.map((row) => ({ ...row, spend: "99.00" }));
    await runSync(options(ws, [source("meta_ads", vendorDouble("meta_ads", rows, { page: 10 }))]));
    await runSync(options(ws, [source("meta_ads", vendorDouble("meta_ads", restated.slice(1), { page: 10 }))]));
    const landed = await rowsOf(ws, "meta_ads", "insights");
    const newest = Math.max(...landed.map((row) => Number(row["_load"])));
    const winners = landed.filter((row) => row["_load"] === newest);
    expect(winners).toHaveLength(3);
    expect(winners.every((row) => String(row["payload"]).includes("99.00"))).toBe(true);
  });

  it("commits the other sources when one fails, and its own complete slices", async () => {
    const ws = await workspace();
    const report = await runSync(
      options(ws, [source("meta_ads", failing(500)), source("ga4", double("ga4", "traffic_days"))]),
    );
    expect(report).toMatchObject({ state: "failed", exit: "source", rows: 4 });
    expect(report.sources[0]).toMatchObject({ state: "failed", rows: 0, error: { code: "API_BROKEN" } });
    expect(report.sources[1]).toMatchObject({ state: "completed", rows: 4 });
    expect(new Set(readState(ws).parts.map((part) => part.source))).toEqual(new Set(["ga4"]));
  });

  it("says that credentials were refused, and writes nothing", async () => {
    const ws = await workspace();
    const report = await runSync(options(ws, [source("google_ads", failing(401))]));
    expect(report).toMatchObject({ state: "failed", exit: "auth" });
    expect(report.sources[0]?.error).toEqual({
      code: "API_AUTH",
      what: "Google Ads refused the credentials",
      why: "HTTP 401, the credentials were refused",
      state:
        "stream google_ads.campaign_days, days 2026-01-20 … 2026-02-08: nothing of it was written; 0 of 1 slices of google_ads are committed",
      hint: "run `growthos connect google_ads`, or put fresh GOOGLE_ADS_… credentials into the environment or .env; then `growthos sync --source google_ads`",
    });
    expect(JSON.stringify(report)).not.toContain("s3cret");
    expect(readLog(ws)).toEqual([]);
    expect(diskFiles.list(ws.at("landing"))).toEqual([]);
  });

  it("does not move the cursor on a short read, and goes on where it stopped", async () => {
    const ws = await workspace();
    const rows = orderRows(5);
    const cut: Transport = {
      send: async (request) => {
        const whole = await vendorDouble("shopify", rows, { page: 2 }).send(request);
        return request.body?.includes('"after":"2"') ? { ...whole, body: whole.body.slice(0, 50) } : whole;
      },
    };
    const broken = source("shopify", cut, { shop: "northwind-tea" });
    const report = await runSync(options(ws, [broken], { selection: ordersOnly }));
    expect(report.exit).toBe("source");
    expect(readState(ws).cursors).toEqual({});
    await runSync(options(ws, [shop(rows, 2)], { selection: ordersOnly }));
    expect((await rowsOf(ws, "shopify", "orders")).map((row) => row["_key"])).toEqual(rows.map((row) => row["id"]));
  });

  it("never moves the cursor past the vendor's clock, nor backwards", async () => {
    const ws = await workspace();
    const dated = (date: string): SyncSource => {
      const inner = vendorDouble("shopify", [], { page: 10 });
      const send: Transport["send"] = async (request) => ({ ...(await inner.send(request)), headers: { date } });
      return source("shopify", { send }, { shop: "northwind-tea" });
    };
    const at = (clock: number, date: string) =>
      runSync(options(ws, [dated(date)], { selection: ordersOnly, clock: fixedClock(clock) }));
    await at(AT, "Mon, 09 Feb 2026 05:00:00 GMT");
    expect(readState(ws).cursors["shopify.orders"]?.["until"]).toBe("2026-02-09T05:00:00.000Z");
    await at(AT + 60_000, "Mon, 09 Feb 2026 04:00:00 GMT");
    expect(readState(ws).cursors["shopify.orders"]?.["until"]).toBe("2026-02-09T05:00:00.000Z");
    await at(AT + 120_000, "Mon, 09 Feb 2026 07:00:00 GMT");
    expect(readState(ws).cursors["shopify.orders"]?.["until"]).toBe("2026-02-09T06:02:00.000Z");
  });

  it("C02 keeps order, cursor and durations when the clock steps back during and between runs", async () => {
    const ws = await workspace();
    const rows = orderRows(3);
    const steady = fixedClock(AT);
    let now = AT;
    const backwards = { ...steady, now: () => (now -= 3_600_000) };
    const first = await runSync(options(ws, [shop(rows)], { selection: ordersOnly }));
    const second = await runSync(options(ws, [shop(rows)], { selection: ordersOnly, clock: backwards }));
    expect([first.exit, second.exit]).toEqual(["ok", "ok"]);
    expect(second.sources.every(({ durationMs }) => durationMs >= 0)).toBe(true);
    expect(readLog(ws).map(({ version }) => version)).toEqual(readLog(ws).map((_, index) => index + 1));
    expect(readState(ws).cursors["shopify.orders"]?.["until"]).toBe("2026-02-09T06:00:00.000Z");
    const keys = new Set((await rowsOf(ws, "shopify", "orders")).map((row) => row["_key"]));
    expect(keys.size).toBe(3);
  });

  it("keeps the later of two versions when records move while the pages are read", async () => {
    const ws = await workspace();
    const rows = orderRows(3);
    const moved = [...rows.slice(0, 2), { ...rows[0], note: "moved" }, ...rows.slice(2)] as readonly JsonObject[];
    await runSync(options(ws, [shop(moved, 2)], { selection: ordersOnly }));
    const landed = await rowsOf(ws, "shopify", "orders");
    expect(landed.map((row) => row["_key"])).toEqual(rows.map((row) => row["id"]));
    expect(String(landed[0]?.["payload"])).toContain("moved");
  });

  it("completes with a warning when a record had to be put aside, and names the file in the commit", async () => {
    const ws = await workspace();
    const rows = orderRows(3).map((row, index) => (index === 1 ? { ...row, name: "a\u0000b" } : row));
    const report = await runSync(options(ws, [shop(rows)], { selection: ordersOnly }));
    expect(report).toMatchObject({ state: "completed_with_warnings", exit: "ok", rows: 2 });
    expect(report.sources[0]?.warnings).toEqual(["orders: 1 records could not be stored, see the quarantine folder"]);
    const origin = readState(ws).parts.find((part) => part.rows === 2)?.origin;
    expect(origin).toMatchObject({ quarantine_rows: 1 });
    expect(diskFiles.readText(join(ws.root, String(origin?.["quarantine"])))).toContain("NUL");
  });

  it("covers days without a single row", async () => {
    const ws = await workspace();
    const report = await runSync(options(ws, [source("ga4", vendorDouble("ga4", [], { page: 10 }))]));
    expect(report).toMatchObject({ state: "completed", rows: 0 });
    expect(readState(ws).parts.map(({ days, rows }) => [days, rows])).toEqual([
      [{ from: "2026-01-26", to: "2026-02-08" }, 0],
      [{ from: "2026-01-20", to: "2026-01-25" }, 0],
    ]);
  });

  it("stops a source at its time-out without waiting for what it cannot keep", async () => {
    const ws = await workspace();
    const throttled: Transport = {
      send: async () => ({ status: 429, headers: { "retry-after": "800" }, body: "{}" }),
    };
    const clock = fixedClock(AT);
    const slow = { ...source("ga4", throttled), timeoutMinutes: 20 };
    const report = await runSync(options(ws, [slow], { clock }));
    expect(report.sources[0]?.error?.code).toBe("SOURCE_TIMEOUT");
    expect(report.exit).toBe("source");
    expect(clock.now() - AT).toBeLessThan(20 * 60_000);
  });

  it("stops when interrupted, and keeps what was committed", async () => {
    const ws = await workspace();
    const abort = new AbortController();
    const orders = shop(orderRows(2));
    const stopping: SyncSource = {
      ...orders,
      streams: ["orders", "customers"],
      transport: {
        send: async (request, signal) => {
          // Streams run side by side: the interruption comes when the orders are in.
          const isIn = () => readState(ws).cursors["shopify.orders"] !== undefined;
          const isPage = request.label === "Customers";
          while (isPage && !isIn()) await new Promise((resolve) => setImmediate(resolve));
          if (isPage) abort.abort(new Error("Ctrl-C"));
          return orders.transport.send(request, signal);
        },
      },
    };
    const report = await runSync(options(ws, [stopping], { signal: abort.signal }));
    expect(report).toMatchObject({ state: "failed", exit: "interrupted", rows: 2 });
    expect(Object.keys(readState(ws).cursors).sort()).toEqual(["shape:shopify.orders", "shopify.orders"]);
  });

  it("reads imports beside the connectors and reports their failures", async () => {
    const ws = await workspace();
    const good: ImportSource = {
      id: "files",
      timeoutMinutes: 30,
      land: async ({ runId }) => ({ rows: runId.length > 0 ? 7 : 0, warnings: ["2 bad rows"] }),
    };
    const bad: ImportSource = {
      id: "other",
      timeoutMinutes: 30,
      land: async () => {
        throw new GrowthosError({ code: "FILES_FAILED", what: "a column is missing", exit: "badData" });
      },
    };
    const report = await runSync(options(ws, [], { imports: [good, bad] }));
    expect(report).toMatchObject({ state: "failed", exit: "badData", rows: 7 });
    expect(report.sources.map(({ state }) => state)).toEqual(["completed_with_warnings", "failed"]);
  });

  it("names every wrong option before anything is read", async () => {
    const ws = await workspace();
    const wrong = options(ws, [
      source("ga4", failing(500), { property: "abc" }),
      source("meta_ads", failing(500), { accounts: ["act_1"], pagesize: 3 }),
    ]);
    const expected = /sources\.ga4\.property: .*sources\.meta_ads: Unrecognized key: "pagesize"/;
    expect(() => planSync(wrong)).toThrow(expected);
    await expect(runSync(wrong)).rejects.toThrow(expected);
    expect(readRuns(ws).runs).toEqual([]);
    const stranger = options(ws, [{ ...source("ga4", failing(500)), streams: ["totals", "orders"] }]);
    expect(() => planSync(stranger)).toThrow(/sources\.ga4\.streams: there is no "orders", only traffic_days,/);
  });

  it("reads only the streams that were chosen", async () => {
    const chosen = { ...shop(orderRows(1)), streams: ["products", "orders"] };
    const { tasks } = planSync(options(await workspace(), [chosen]));
    expect(new Set(tasks.map(({ stream }) => stream))).toEqual(new Set(["products", "orders"]));
  });

  it("plans without touching anything", async () => {
    const ws = await workspace();
    const plan = planSync(options(ws, [source("ga4", failing(500))]));
    const slice = (from: string, to: string) => ({ kind: "days", days: { from, to } });
    const task = { source: "ga4", stream: "traffic_days", because: "first_run" };
    expect(plan.tasks).toEqual([
      { ...task, slice: slice("2026-01-26", "2026-02-08") },
      { ...task, slice: slice("2026-01-20", "2026-01-25") },
    ]);
    expect(readLog(ws)).toEqual([]);
  });

  it("waits for nobody who holds the lock", async () => {
    const ws = await workspace();
    const lock = { waitMs: 0, clock: fixedClock(AT), owner: "test" };
    const run = () => runSync(options(ws, [source("ga4", failing(500))]));
    await withLock(ws, "ingest", lock, async () => {
      await expect(run()).rejects.toMatchObject({ code: "LOCKED" });
    });
  });

  it("shows its progress", async () => {
    const ws = await workspace();
    const seen: string[] = [];
    await runSync(
      options(ws, [source("ga4", double("ga4", "traffic_days", 2))], {
        onProgress: ({ stream, doneTasks, allTasks, rows }) => seen.push(`${stream} ${doneTasks}/${allTasks} ${rows}`),
      }),
    );
    // A page a day, the newest fortnight first; the four rows are of its last two days.
    expect(seen.filter((line, index) => line !== seen[index - 1])).toEqual([
      "traffic_days 0/2 0",
      "traffic_days 0/2 2",
      "traffic_days 0/2 3",
      "traffic_days 0/2 4",
      "traffic_days 1/2 4",
    ]);
  });
});

describe("the history of runs", () => {
  it("keeps every run, newest first, and ends the records of runs that died", async () => {
    const ws = await workspace();
    const dead: RunRecord = {
      runId: "20260208t060000z-dead",
      kind: "sync",
      state: "running",
      startedAt: "2026-02-08T06:00:00.000Z",
      endedAt: null,
      durationMs: null,
      asOf,
      rows: 0,
      sources: [
        {
          source: "ga4",
          state: "queued",
          rows: 0,
          tasksDone: 0,
          tasksPlanned: 1,
          durationMs: 0,
          warnings: [],
          error: null,
        },
      ],
    };
    writeRun(ws, dead);
    ws.files.write(ws.at("runs", "torn.json"), '{"runId":');
    await runSync(options(ws, [source("ga4", double("ga4", "traffic_days"))]));
    const { runs, broken } = readRuns(openWorkspace({ projectRoot, name: ws.name, files: diskFiles }));
    expect(runs.map(({ state }) => state)).toEqual(["completed", "failed"]);
    expect(runs[1]?.sources[0]).toMatchObject({ state: "failed", error: { code: "RUN_DIED" } });
    expect(broken).toEqual([expect.stringMatching(/^torn\.json: /)]);
  });
});

it("runs every connector of the list", () => {
  expect(CONNECTORS.map(({ id }) => id)).toEqual(["shopify", "meta_ads", "google_ads", "ga4", "ga4_events", "fx"]);
});
