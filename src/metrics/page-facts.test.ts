import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { openWorld, readWorlds } from "../testing/worlds.js";
import { gapsOf, readHealth } from "./page-facts.js";

const days = (from: string, to: string) => ({ from: isoDate(from), to: isoDate(to) });

describe("gapsOf", () => {
  it("names the days between ranges and after the last one", () => {
    const covered = [days("2026-02-01", "2026-02-03"), days("2026-02-05", "2026-02-06")];
    expect(gapsOf(covered, isoDate("2026-02-08"))).toEqual(["2026-02-04", "2026-02-07", "2026-02-08"]);
    expect(gapsOf(covered, isoDate("2026-02-06"))).toEqual(["2026-02-04"]);
  });

  it("finds none where nothing is covered by days, and none in the future", () => {
    expect(gapsOf([], isoDate("2026-02-08"))).toEqual([]);
    expect(gapsOf([days("2026-02-01", "2026-02-20")], isoDate("2026-02-08"))).toEqual([]);
  });
});

describe("readHealth", () => {
  it("reads what a build says about itself", async () => {
    const world = readWorlds().find(([name]) => name === "unknowns.json")?.[1];
    if (world === undefined) throw new Error("fixtures/worlds/unknowns.json is missing");
    const db = await openWorld(world);
    await db.run(
      "create table if not exists meta.checks (id varchar, severity varchar, passed boolean, message varchar, offending_rows bigint)",
    );
    await db.run("create table if not exists meta.quarantine (file varchar, rows bigint, reason varchar)");
    await db.run(
      "insert into meta.checks values ('b', 'warning', false, 'two rows', 2), ('a', 'critical', true, 'fine', 0)",
    );
    await db.run("insert into meta.quarantine values ('orders.csv', 3, 'not an amount')");
    await db.run(`insert into fact_data_quality values ('ga4', 'totals', '2026-02-02', 'sampled', '2 of 3 events'),
      ('ga4', 'totals', '2026-02-01', 'sampled', null), ('ga4', 'totals', '2026-02-02', 'thresholded', null)`);
    await db.run(`insert into fact_restatements values
      ('ga4', 'totals', 'sessions', '2026-02-01', 10, 12.5, 2.5, '2026-02-03', '2026-02-03 06:00:00+00'),
      ('ga4', 'totals', 'sessions', '2026-02-02', 10, 9.9, -0.1, '2026-02-04', '2026-02-04 06:00:00+00'),
      ('ga4', 'totals', 'sessions', '2026-02-03', null, 4, null, '2026-02-04', '2026-02-04 06:00:00+00')`);
    await db.run(`insert into fact_schema_changes values
      ('ga4', 'totals', 'sessions', 'lost', 'text', null, 'frozen', '2026-02-04', '2026-02-04 06:00:00+00')`);
    await db.run(
      "insert into fact_spend (spend_date, currency, is_reporting_currency) values ('2026-02-01', 'EUR', false)",
    );
    await db.run(`insert into fact_spend (spend_date, source, original_currency, original_spend_cents) values
      ('2026-02-08', 'meta_ads', 'USD', 700), ('2026-02-08', 'meta_ads', 'USD', 50), ('2026-02-08', 'meta_ads', 'EUR', 9)`);
    await db.run(`insert into fact_spend_intraday
        (spend_date, source, campaign_key, currency, snapshot_at, local_time, spend_so_far_cents, spend_cents) values
      ('2026-02-08', 'meta_ads', 'a', 'USD', '2026-02-08 22:45:00+00', '22:45', 600, 600),
      ('2026-02-09', 'meta_ads', 'a', 'USD', '2026-02-09 09:45:00+00', '09:45', 100, 100),
      ('2026-02-09', 'meta_ads', 'a', 'USD', '2026-02-09 10:00:00+00', '10:00', 120, 20),
      ('2026-02-09', 'meta_ads', 'b', 'USD', '2026-02-09 09:45:00+00', '09:45', 5, 5),
      ('2026-01-31', 'meta_ads', 'a', 'USD', '2026-01-31 09:45:00+00', '09:45', 5, 5)`);
    await db.run("insert into meta.coverage values ('ga4', 'traffic_days', '2026-02-08')");
    await db.run("insert into meta.sources values ('growthos', 'restatements', 3, null, null, null)");
    await db.run("insert into meta.sources values ('payouts', 'events', 3, '2026-02-01', '2026-02-06', '2026-02-06')");
    const health = await readHealth(db, isoDate("2026-02-08"));
    await db.close();
    expect(health.reservations).toEqual([
      { source: "ga4", stream: "totals", flag: "sampled", days: ["2026-02-01", "2026-02-02"], detail: "2 of 3 events" },
      { source: "ga4", stream: "totals", flag: "thresholded", days: ["2026-02-02"], detail: null },
    ]);
    // 2.5 - 0.1 = 2.4; the day that had no figure before changes nothing that is known.
    expect(health.restated.totals).toMatchObject([{ days: 3, first: "2026-02-01", last: "2026-02-03", change: "2.4" }]);
    expect(health.restated.newest.map(({ day, before, after }) => [day, before, after])).toEqual([
      ["2026-02-03", null, "4"],
      ["2026-02-02", "10", "9.9"],
      ["2026-02-01", "10", "12.5"],
    ]);
    // 100 + 20 of a, 5 of b, which the last snapshot did not name again: 125. The 8th: 600 by then, 750 in the end. January is long over.
    expect(health.snapshots).toEqual([
      { day: "2026-02-09", source: "meta_ads", currency: "USD", lastTime: "10:00", count: 2, soFar: 125, final: null },
      { day: "2026-02-08", source: "meta_ads", currency: "USD", lastTime: "22:45", count: 1, soFar: 600, final: 750 },
    ]);
    expect(health.schemaChanges).toMatchObject([{ path: "sessions", change: "lost", before: "text", after: null }]);
    // The world has an order in euro already.
    expect(health.otherCurrencies).toEqual([
      { kind: "ad spend", currency: "EUR", rows: 1 },
      { kind: "orders", currency: "EUR", rows: 1 },
    ]);
    const provisional = new Map(health.provisional.map(({ source, days }) => [source, days.from]));
    // The last three days of GA4: 6, 7 and 8 February.
    expect(provisional.get("ga4")).toBe("2026-02-06");
    expect(provisional.has("shopify")).toBe(false);
    expect(health.checks.map(({ id, severity, passed }) => [id, severity, passed])).toEqual([
      ["a", "critical", true],
      ["b", "warning", false],
    ]);
    expect(health.quarantined).toEqual([{ file: "orders.csv", rows: 3, reason: "not an amount" }]);
    // Nobody was paid out on the 7th and 8th: nothing is missing.
    expect(health.sources.find(({ source }) => source === "payouts")).toMatchObject({ to: "2026-02-06", gaps: [] });
    expect(health.sources.map(({ source, stream }) => `${source}.${stream}`).sort()).toEqual(
      [...Object.keys(world.coverage), "payouts.events"].sort(),
    );
  });
});
