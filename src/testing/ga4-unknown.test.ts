import { afterAll, afterEach, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { ga4Events } from "../connectors/ga4_events/index.js";
import { undiciTransport } from "../http/undici.js";
import { progressOf } from "../sync/committed.js";
import { planSync, runSync } from "../sync/run.js";
import type { SyncSelection } from "../sync/types.js";
import { readState } from "../warehouse/log.js";
import { type BigqueryDouble, bigqueryDouble } from "./doubles/bigquery.js";
import { rerouted } from "./doubles/server.js";
import { standingRows, syncOptions } from "./sync-bench.js";
import { freshWorkspace, removeFolders } from "./workspace.js";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(removeFolders);

/** A shop whose export lacks some days; only purchases are read. */
async function shop(lacking: readonly string[]) {
  const clock = fixedClock(Date.parse("2026-02-09T15:00:00Z"));
  const double = await bigqueryDouble({ clock });
  const network = undiciTransport({ allowLoopback: true });
  closing.push(
    () => double.close(),
    () => network.close(),
  );
  for (const day of lacking) forget(double, day);
  const ws = await freshWorkspace();
  const source = {
    connector: ga4Events,
    options: double.options,
    secrets: double.secrets,
    transport: rerouted(network, double.routes),
    since: isoDate("2026-01-26"),
    timeoutMinutes: 5,
    streams: ["purchase"],
  };
  const options = (selection?: SyncSelection) =>
    syncOptions(ws, [source], { clock, ...(selection === undefined ? {} : { selection }) });
  const sync = (selection?: SyncSelection) => runSync(options(selection));
  const planned = (selection?: SyncSelection) =>
    planSync(options(selection)).tasks.map(({ slice, because }) => [
      slice.kind === "days" ? slice.days : null,
      because,
    ]);
  const progress = () => progressOf(readState(ws), "ga4_events", "purchase");
  const daysWithRows = async () =>
    [...new Set((await standingRows(ws, "ga4_events", "purchase")).map((row) => row["_slice"]))].sort();
  return { double, sync, planned, progress, daysWithRows };
}

function forget({ world }: BigqueryDouble, day: string): void {
  for (const name of [...world.keys()]) if (name.endsWith(day.replaceAll("-", ""))) world.delete(name);
}

const range = (from: string, to = from) => ({ from, to });

describe("a day without a table", () => {
  it("is not covered, is not asked for by every run, and is read when it is asked for or comes late", async () => {
    const { double, sync, planned, progress, daysWithRows } = await shop(["2026-01-29", "2026-01-30", "2026-02-07"]);
    const late = [...double.world.entries()];
    expect(await sync()).toMatchObject({ state: "completed_with_warnings" });
    expect(progress().covered).toEqual([
      range("2026-01-26", "2026-01-28"),
      range("2026-01-31", "2026-02-06"),
      range("2026-02-08"),
    ]);
    expect(progress().unknown).toEqual([range("2026-01-29", "2026-01-30"), range("2026-02-07")]);
    expect(planned()).toEqual([[range("2026-02-05", "2026-02-08"), "lookback"]]);
    expect(planned({ backfill: { from: isoDate("2026-01-26"), to: isoDate("2026-02-08") } })).toEqual([
      [range("2026-02-07"), "backfill"],
      [range("2026-01-29", "2026-01-30"), "backfill"],
    ]);
    // The daily table of the 7th comes a day late.
    const [, table] = late.find(([name]) => name === "events_20260206") ?? [];
    if (table !== undefined) double.world.set("events_20260207", table);
    await sync();
    expect(progress().covered.at(-1)).toEqual(range("2026-01-31", "2026-02-08"));
    expect(progress().unknown).toEqual([range("2026-01-29", "2026-01-30")]);
    expect(await daysWithRows()).toContain("2026-02-07");
  });

  it("keeps what was read of it before: BigQuery's sandbox deletes tables after 60 days", async () => {
    const { double, sync, progress, daysWithRows } = await shop([]);
    await sync();
    const before = await daysWithRows();
    expect(before).toHaveLength(14);
    for (const day of ["2026-01-26", "2026-01-27", "2026-01-28", "2026-02-02"]) forget(double, day);
    await sync({ everything: true });
    expect(await daysWithRows()).toEqual(before);
    expect(progress().covered).toEqual([range("2026-01-26", "2026-02-08")]);
  });
});
