import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import type { SyncMode } from "../connectors/types.js";
import { type PlainOptions, type PlainRow, plainSource } from "../testing/plain-source.js";
import { payloads, standingRows, syncOptions } from "../testing/sync-bench.js";
import { freshWorkspace, removeFolders } from "../testing/workspace.js";
import { diskFiles } from "../warehouse/disk.js";
import { readLog, readState } from "../warehouse/log.js";
import { runSync } from "./run.js";

afterAll(removeFolders);

const window = { kind: "window", lookbackDays: 3, chunkDays: 2 } as const;
const measures = { spend: "spend", clicks: "metrics.clicks" };
const ad = (id: string, day: string, spend: string, clicks: number): PlainRow => ({
  id,
  day,
  spend,
  metrics: { clicks },
});
const days = (rows: readonly PlainRow[], over: Partial<PlainOptions> = {}) =>
  plainSource("ads", {
    streams: { days: { sync: window, measures, today: true } },
    rows: { days: rows },
    since: isoDate("2026-02-05"),
    ...over,
  });

const first = [
  ad("a", "2026-02-05", "10.10", 1),
  ad("a", "2026-02-07", "20.00", 2),
  ad("b", "2026-02-07", "0.30", 3),
  ad("a", "2026-02-08", "7", 4),
];

describe("the restatement ledger", () => {
  it("keeps what the platform changed of days that were read before: day, measure, before, after", async () => {
    const ws = await freshWorkspace();
    await runSync(syncOptions(ws, [days(first)]));
    expect(readState(ws).parts.some(({ source }) => source === "growthos")).toBe(false);
    // The 7th gains 0.70 and loses a row's clicks; the 8th loses all its rows; the 5th is outside of the look-back.
    const restated = [
      ad("a", "2026-02-05", "99", 9),
      ad("a", "2026-02-07", "21.00", 2),
      ad("b", "2026-02-06", "1.5", 0),
    ];
    await runSync(syncOptions(ws, [days(restated)]));
    const ledger = (await payloads(ws, "growthos", "restatements")).map(({ seen_at: _, ...event }) => event);
    const event = (day: string, measure: string, before: string | null, after: string | null) => ({
      source: "ads",
      stream: "days",
      day,
      measure,
      before,
      after,
    });
    expect(ledger).toHaveLength(6);
    expect(ledger).toEqual(
      expect.arrayContaining([
        event("2026-02-06", "spend", null, "1.5"),
        event("2026-02-06", "clicks", null, "0"),
        event("2026-02-07", "spend", "20.3", "21"),
        event("2026-02-07", "clicks", "5", "2"),
        event("2026-02-08", "spend", "7", null),
        event("2026-02-08", "clicks", "4", null),
      ]),
    );
    await runSync(syncOptions(ws, [days(restated)]));
    expect(await payloads(ws, "growthos", "restatements")).toHaveLength(6);
  });

  it("is one commit with the rows that it is about", async () => {
    const ws = await freshWorkspace();
    await runSync(syncOptions(ws, [days(first)]));
    await runSync(syncOptions(ws, [days(first.map((row) => ({ ...row, spend: "1" })))]));
    for (const entry of readLog(ws).filter(({ added }) => added.some(({ source }) => source === "growthos"))) {
      expect(entry.added.map(({ stream }) => stream).sort()).toEqual(["days", "restatements"]);
    }
  });
});

describe("the history of settings", () => {
  const tracked = {
    account: "of.account",
    name: "name",
    currency: "currency",
    fields: { name: "name", status: "status", daily_budget: "budget.day" },
  } as const;
  const campaign = (id: string, status: string, day: string | null, name = `Campaign ${id}`): PlainRow => ({
    id,
    of: { account: "77" },
    name,
    status,
    currency: "USD",
    budget: day === null ? {} : { day },
    updated_at: "2026-02-08T10:00:00.000Z",
  });
  const lists = (rows: readonly PlainRow[], sync: SyncMode = { kind: "full" }) =>
    plainSource("ads", {
      streams: { campaigns: { sync, tracked } },
      rows: { campaigns: rows },
      since: isoDate("2026-02-05"),
    });
  const told = async (ws: Awaited<ReturnType<typeof freshWorkspace>>) =>
    (await payloads(ws, "growthos", "entity_changes"))
      .map(({ key, field, change, before, after }) => [key, field, change, before, after].map(String).join(" "))
      .sort();

  it("keeps what was set otherwise, what is new and what is gone, once", async () => {
    const ws = await freshWorkspace();
    await runSync(syncOptions(ws, [lists([campaign("1", "ACTIVE", "500"), campaign("2", "ACTIVE", null)])]));
    expect(readState(ws).parts.some(({ source }) => source === "growthos")).toBe(false);
    const now = [campaign("1", "PAUSED", "700"), campaign("3", "ACTIVE", null)];
    await runSync(syncOptions(ws, [lists(now)]));
    const changes = [
      "1 daily_budget changed 500 700",
      "1 status changed ACTIVE PAUSED",
      "2 name gone Campaign 2 null",
      "2 status gone ACTIVE null",
      "3 name added null Campaign 3",
      "3 status added null ACTIVE",
    ];
    expect(await told(ws)).toEqual(changes);
    const [event] = await payloads(ws, "growthos", "entity_changes");
    expect(event).toMatchObject({ source: "ads", stream: "campaigns", account: "77", currency: "USD" });
    expect(typeof event?.["seen_at"]).toBe("string");
    await runSync(syncOptions(ws, [lists(now)]));
    expect(await told(ws)).toEqual(changes);
  });

  it("of a stream that brings only what changed, nothing is gone", async () => {
    const ws = await freshWorkspace();
    const cursor = { kind: "cursor", overlapMinutes: 0 } as const;
    await runSync(syncOptions(ws, [lists([campaign("1", "ACTIVE", "500"), campaign("2", "ACTIVE", null)], cursor)]));
    const later = fixedClock(Date.parse("2026-02-10T07:00:00Z"));
    const one = { ...campaign("2", "ACTIVE", null, "Renamed"), updated_at: "2026-02-10T06:00:00.000Z" };
    await runSync(syncOptions(ws, [lists([one], cursor)], { clock: later }));
    expect(await told(ws)).toEqual(["2 name changed Campaign 2 Renamed"]);
  });
});

describe("the schema-change log", () => {
  const records = (rows: readonly PlainRow[], contract?: PlainOptions["contract"]) =>
    plainSource("crm", {
      streams: { people: { sync: { kind: "full" } } },
      rows: { people: rows },
      ...(contract === undefined ? {} : { contract }),
    });
  const before: readonly PlainRow[] = [
    { id: "1", age: 30, city: "Oslo" },
    { id: "2", age: 40, city: "Rome" },
  ];
  const drifted: readonly PlainRow[] = [
    { id: "1", age: "thirty", plan: "pro" },
    { id: "2", age: 41, plan: "free" },
  ];
  const logged = async (ws: Awaited<ReturnType<typeof freshWorkspace>>) =>
    (await payloads(ws, "growthos", "schema_changes")).map(({ path, change, before: was, after }) => [
      path,
      change,
      was,
      after,
    ]);

  it("A07 evolve: keeps every field, and tells what is new, of another kind and gone", async () => {
    const ws = await freshWorkspace();
    await runSync(syncOptions(ws, [records(before)]));
    const report = await runSync(syncOptions(ws, [records(drifted)]));
    expect(report.sources[0]?.warnings).toEqual([
      "people: the vendor's records changed: age is number|text, it was number; plan is new (text); city is gone",
    ]);
    expect(await payloads(ws, "crm", "people")).toEqual(drifted);
    const told = await logged(ws);
    expect(told).toHaveLength(3);
    expect(told).toEqual(
      expect.arrayContaining([
        ["age", "type_changed", "number", "number|text"],
        ["plan", "added", null, "text"],
        ["city", "lost", "text", null],
      ]),
    );
    const again = await runSync(syncOptions(ws, [records([...drifted, { id: "3", age: 1, plan: "x" }])]));
    expect(again.sources[0]?.warnings).toEqual([]);
    expect(await logged(ws)).toHaveLength(3);
  });

  it("freeze: refuses the load, keeps the old one, and says what to do", async () => {
    const ws = await freshWorkspace();
    await runSync(syncOptions(ws, [records(before, "freeze")]));
    const report = await runSync(syncOptions(ws, [records(drifted, { people: "freeze" })]));
    expect(report.exit).toBe("source");
    expect(report.sources[0]?.error).toMatchObject({ code: "SCHEMA_CHANGED", hint: expect.stringContaining("evolve") });
    expect(await payloads(ws, "crm", "people")).toEqual(before);
  });

  it("D10 quarantine: sets the records of another kind aside, up to a threshold", async () => {
    const ws = await freshWorkspace();
    await runSync(syncOptions(ws, [records(before, "quarantine")]));
    const report = await runSync(syncOptions(ws, [records(drifted, "quarantine")]));
    expect(report.sources[0]?.warnings).toContain("people: 1 records could not be stored, see the quarantine folder");
    expect(await payloads(ws, "crm", "people")).toEqual([drifted[1]]);
    const [file = ""] = diskFiles.list(ws.at("quarantine", "crm", "people"));
    expect(diskFiles.readText(ws.at("quarantine", "crm", "people", file))).toContain(
      "age is text, it was number until now",
    );
    const flood = Array.from({ length: 20 }, (_, index) => ({ id: String(index), age: "old", city: "x" }));
    const refused = await runSync(syncOptions(ws, [records(flood, "quarantine")]));
    expect(refused.sources[0]?.error?.code).toBe("TOO_MANY_BAD_ROWS");
  });
});

describe("snapshots of the day under way", () => {
  const at = (time: string) => fixedClock(Date.parse(`2026-02-${time}Z`));
  const today = { selection: { today: true } };
  const look = async (ws: Awaited<ReturnType<typeof freshWorkspace>>, time: string, spend: string) =>
    runSync(syncOptions(ws, [days([ad("a", "2026-02-09", spend, 1)])], { clock: at(time), ...today }));

  it("stand for their quarter of an hour: a second look within it replaces the first, a later one stands beside it", async () => {
    const ws = await freshWorkspace();
    await look(ws, "09T06:01:00", "1");
    await look(ws, "09T06:14:00", "2");
    await look(ws, "09T06:16:00", "3");
    const rows = await standingRows(ws, "ads", "days_today");
    expect(rows.map((row) => [row["_slice"], JSON.parse(String(row["payload"])).spend])).toEqual([
      ["2026-02-09T06:00:00.000Z", "2"],
      ["2026-02-09T06:15:00.000Z", "3"],
    ]);
    // The days themselves are not touched: they are read when they are complete.
    expect(await standingRows(ws, "ads", "days")).toEqual([]);
  });

  it("are thinned to the newest of each hour after a day, in one commit, and nothing else changes", async () => {
    const ws = await freshWorkspace();
    for (const [time, spend] of [
      ["06:01", "1"],
      ["06:20", "2"],
      ["06:50", "3"],
      ["07:10", "4"],
    ] as const) {
      await look(ws, `09T${time}:00`, spend);
    }
    await look(ws, "10T07:00:00", "9");
    const spends = async () =>
      (await standingRows(ws, "ads", "days_today")).map((row) => [
        row["_slice"],
        JSON.parse(String(row["payload"])).spend,
      ]);
    const thinned = [
      ["2026-02-09T06:45:00.000Z", "3"],
      ["2026-02-09T07:00:00.000Z", "4"],
      ["2026-02-10T07:00:00.000Z", "9"],
    ];
    expect(await spends()).toEqual(thinned);
    const removed = readLog(ws).flatMap((entry) => entry.removed);
    expect(removed.map(({ reason }) => reason)).toEqual(Array(3).fill("thinned to the newest of each hour"));
    await look(ws, "10T07:01:00", "9");
    expect(await spends()).toEqual(thinned);
  });
});

describe("many records with one time of change", () => {
  it("A09 B-25 brings 10,000 records of one second over pages and runs, each once", async () => {
    const ws = await freshWorkspace();
    const at = (updated_at: string, count: number) =>
      Array.from({ length: count }, (_, index) => ({ id: String(1000 + index), updated_at }));
    const people = (rows: readonly PlainRow[]) =>
      plainSource("crm", {
        streams: { people: { sync: { kind: "cursor", overlapMinutes: 10 } } },
        rows: { people: rows },
        page: 249,
        since: isoDate("2026-01-20"),
      });
    await runSync(syncOptions(ws, [people(at("2026-02-03T10:00:00.000Z", 6_000))]));
    const later = fixedClock(Date.parse("2026-02-09T07:00:00Z"));
    await runSync(syncOptions(ws, [people(at("2026-02-09T06:30:00.000Z", 10_000))], { clock: later }));
    const rows = await standingRows(ws, "crm", "people");
    expect(rows).toHaveLength(10_000);
    expect(new Set(rows.map((row) => row["_key"])).size).toBe(10_000);
  });
});
