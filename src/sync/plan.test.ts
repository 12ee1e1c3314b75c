import { describe, expect, it } from "vitest";
import { type DateRange, isoDate } from "../base/dates.js";
import type { ActivePart, Cursor, WarehouseState } from "../warehouse/types.js";
import { type ConfiguredStream, planTasks } from "./plan.js";
import type { SyncSelection } from "./types.js";

const asOf = isoDate("2026-02-09");
const now = Date.parse("2026-02-09T06:00:00Z");
const since = isoDate("2025-12-01");
const range = (from: string, to: string): DateRange => ({ from: isoDate(from), to: isoDate(to) });

const insights: ConfiguredStream = {
  source: "meta_ads",
  stream: "insights",
  sync: { kind: "window", lookbackDays: 28, chunkDays: 30 },
  since,
};
const orders: ConfiguredStream = {
  source: "shopify",
  stream: "orders",
  sync: { kind: "cursor", overlapMinutes: 10 },
  since,
};

function state(covered: readonly DateRange[], cursors: Record<string, Cursor> = {}): WarehouseState {
  const parts = covered.map(
    (days, index) =>
      ({ source: "meta_ads", stream: "insights", days, ordinal: index, origin: {} }) as unknown as ActivePart,
  );
  return { version: covered.length, head: null, parts, cursors };
}

function plan(stream: ConfiguredStream, at: WarehouseState, selection?: SyncSelection) {
  const { tasks } = planTasks({ streams: [stream], state: at, asOf, now, ...(selection && { selection }) });
  return tasks.map(({ slice, because }) => {
    if (slice.kind === "days") return [slice.days.from, slice.days.to, because];
    return slice.kind === "since" ? [slice.since, slice.until, because] : ["full", because];
  });
}

describe("streams whose vendor forgets", () => {
  const clicks: ConfiguredStream = {
    source: "google_ads",
    stream: "click_views",
    sync: { kind: "window", lookbackDays: 2, chunkDays: 10, reachDays: 14 },
    since,
  };

  it("ask for nothing before the days that the vendor still has, by its own today", () => {
    const from = [
      ["2026-02-07", "2026-02-08", "first_run"],
      ["2026-01-28", "2026-02-06", "first_run"],
      ["2026-01-26", "2026-01-27", "first_run"],
    ];
    expect(plan(clicks, state([]))).toEqual(from);
    const whole = { from: isoDate("2025-12-01"), to: isoDate("2026-01-27") };
    expect(plan(clicks, state([]), { backfill: whole })).toEqual([["2026-01-26", "2026-01-27", "backfill"]]);
    expect(plan(clicks, state([]), { force: { ...whole, to: isoDate("2026-01-20") } })).toEqual([]);
  });
});

describe("window streams", () => {
  it("reads the configured history newest first, up to the day before the as-of day", () => {
    expect(plan(insights, state([]))).toEqual([
      ["2026-01-12", "2026-02-08", "first_run"],
      ["2025-12-13", "2026-01-11", "first_run"],
      ["2025-12-01", "2025-12-12", "first_run"],
    ]);
  });

  it("reads new days together with the look-back", () => {
    expect(plan(insights, state([range("2025-12-01", "2026-02-07")]))).toEqual([
      ["2026-01-12", "2026-02-08", "new_days"],
    ]);
  });

  it("reads the look-back again when there is no new day", () => {
    expect(plan(insights, state([range("2025-12-01", "2026-02-08")]))).toEqual([
      ["2026-01-12", "2026-02-08", "lookback"],
    ]);
  });

  it("reads every day since a long pause", () => {
    expect(plan(insights, state([range("2025-12-01", "2025-12-20")]))).toEqual([
      ["2026-01-10", "2026-02-08", "new_days"],
      ["2025-12-21", "2026-01-09", "new_days"],
    ]);
  });

  it("fills holes, and goes on with an interrupted first run", () => {
    const covered = [range("2026-01-05", "2026-02-08"), range("2025-12-20", "2025-12-31")];
    expect(plan(insights, state(covered))).toEqual([
      ["2026-01-12", "2026-02-08", "lookback"],
      ["2026-01-01", "2026-01-04", "gap"],
      ["2025-12-01", "2025-12-19", "first_run"],
    ]);
  });

  it("reads nothing before the first day wanted, and nothing after the last complete day", () => {
    const young = { ...insights, since: isoDate("2026-02-05") };
    expect(plan(young, state([range("2026-02-05", "2026-02-07")]))).toEqual([["2026-02-05", "2026-02-08", "new_days"]]);
    expect(plan({ ...insights, since: asOf }, state([]))).toEqual([]);
    expect(plan(insights, state([]), { force: range("2026-02-01", "2026-03-01") })).toEqual([
      ["2026-02-01", "2026-02-08", "forced"],
    ]);
  });

  it("takes two years without a first day", () => {
    const tasks = plan({ ...insights, since: null }, state([]));
    expect(tasks.at(-1)?.[0]).toBe("2024-02-10");
  });
});

describe("cursor streams", () => {
  const cursor = (from: string, until: string) => ({ "shopify.orders": { since: from, until } });

  it("reads the history newest first, in pieces that each move the beginning back", () => {
    expect(plan(orders, state([]))).toEqual([
      ["2026-01-10T06:00:00.000Z", "2026-02-09T06:00:00.000Z", "first_run"],
      ["2025-12-11T06:00:00.000Z", "2026-01-10T06:00:00.000Z", "first_run"],
      ["2025-11-30T00:00:00.000Z", "2025-12-11T06:00:00.000Z", "first_run"],
    ]);
  });

  it("goes on ten minutes before the cursor", () => {
    const at = state([], cursor("2025-11-30T00:00:00.000Z", "2026-02-08T22:10:00.000Z"));
    expect(plan(orders, at)).toEqual([["2026-02-08T22:00:00.000Z", "2026-02-09T06:00:00.000Z", "new_days"]]);
  });

  it("does nothing at the instant of the last sync, nor when the clock was set back", () => {
    for (const until of ["2026-02-09T06:00:00.000Z", "2026-02-10T00:00:00.000Z"]) {
      expect(plan(orders, state([], cursor("2025-11-30T00:00:00.000Z", until)))).toEqual([]);
    }
  });

  it("reads the days before when the first day wanted moves back", () => {
    const at = state([], cursor("2025-12-10T00:00:00.000Z", "2026-02-09T06:00:00.000Z"));
    expect(plan(orders, at)).toEqual([["2025-11-30T00:00:00.000Z", "2025-12-10T00:00:00.000Z", "gap"]]);
  });

  it("reads everything there ever was in one piece, when the stream says so", () => {
    const products: ConfiguredStream = {
      ...orders,
      sync: { kind: "cursor", overlapMinutes: 10, fromTheBeginning: true },
    };
    expect(plan(products, state([]))).toEqual([["2000-01-01T00:00:00.000Z", "2026-02-09T06:00:00.000Z", "first_run"]]);
  });

  it("reads what is forced", () => {
    expect(plan(orders, state([]), { force: range("2026-01-01", "2026-01-02") })).toEqual([
      ["2026-01-01T00:00:00.000Z", "2026-01-03T00:00:00.000Z", "forced"],
    ]);
  });
});

describe("selection", () => {
  it("keeps the sources and streams that were asked for", () => {
    const names = (selection: SyncSelection) =>
      planTasks({ streams: [insights, orders], state: state([]), asOf, now, selection }).tasks.map(
        ({ stream }) => stream,
      );
    expect(new Set(names({ sources: ["meta_ads"] }))).toEqual(new Set(["insights"]));
    expect(new Set(names({ streams: ["shopify.orders"] }))).toEqual(new Set(["orders"]));
    expect(new Set(names({ streams: ["insights", "orders"] }))).toEqual(new Set(["insights", "orders"]));
    expect(names({ sources: ["ga4"] })).toEqual([]);
  });

  it("reads a full stream whole", () => {
    expect(plan({ ...orders, sync: { kind: "full" } }, state([]))).toEqual([["full", "first_run"]]);
  });
});

describe("a backfill", () => {
  const year = range("2025-06-01", "2025-12-31");

  it("reads what is missing of the days, newest first, and nothing else", () => {
    expect(plan(insights, state([range("2025-12-01", "2026-02-08")]), { backfill: year })).toEqual([
      ["2025-11-01", "2025-11-30", "backfill"],
      ["2025-10-02", "2025-10-31", "backfill"],
      ["2025-09-02", "2025-10-01", "backfill"],
      ["2025-08-03", "2025-09-01", "backfill"],
      ["2025-07-04", "2025-08-02", "backfill"],
      ["2025-06-04", "2025-07-03", "backfill"],
      ["2025-06-01", "2025-06-03", "backfill"],
    ]);
    expect(plan(insights, state([range("2025-06-01", "2026-02-08")]), { backfill: year })).toEqual([]);
  });

  it("reads no day after the last complete one", () => {
    expect(
      plan(insights, state([range("2025-06-01", "2026-02-01")]), { backfill: range("2026-02-01", "2026-03-01") }),
    ).toEqual([["2026-02-02", "2026-02-08", "backfill"]]);
  });

  it("reads a cursor stream up to where it begins, so that no hole stays", () => {
    const at = state([], {
      "shopify.orders": { since: "2025-07-20T00:00:00.000Z", until: "2026-02-09T05:00:00.000Z" },
    });
    expect(plan(orders, at, { backfill: range("2025-06-01", "2025-06-30") })).toEqual([
      ["2025-06-20T00:00:00.000Z", "2025-07-20T00:00:00.000Z", "backfill"],
      ["2025-05-31T00:00:00.000Z", "2025-06-20T00:00:00.000Z", "backfill"],
    ]);
  });
});

describe("snapshots of the day under way", () => {
  it("are taken of the streams that can, for the quarter of an hour that has begun", () => {
    const { tasks } = planTasks({
      streams: [{ ...insights, today: true }, orders],
      state: state([]),
      asOf,
      now: Date.parse("2026-02-09T06:44:59Z"),
      selection: { today: true },
    });
    expect(tasks).toEqual([
      {
        source: "meta_ads",
        stream: "insights_today",
        slice: { kind: "days", days: range("2026-02-09", "2026-02-09") },
        because: "today",
        snapshot: "2026-02-09T06:30:00.000Z",
      },
    ]);
  });
});

describe("a refresh of everything", () => {
  it("reads the configured history again, whatever is covered, and not a day more", () => {
    expect(plan(insights, state([range("2025-12-01", "2026-02-08")]), { everything: true })).toEqual([
      ["2026-01-10", "2026-02-08", "forced"],
      ["2025-12-11", "2026-01-09", "forced"],
      ["2025-12-01", "2025-12-10", "forced"],
    ]);
    const products: ConfiguredStream = {
      ...orders,
      sync: { kind: "cursor", overlapMinutes: 10, fromTheBeginning: true },
    };
    expect(plan(products, state([]), { everything: true })).toEqual([
      ["2000-01-01T00:00:00.000Z", "2026-02-09T06:00:00.000Z", "forced"],
    ]);
  });
});
