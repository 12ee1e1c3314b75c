import { afterAll, afterEach, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { type ISODate, isoDate } from "../base/dates.js";
import { googleAds } from "../connectors/google_ads/index.js";
import { valueAt } from "../connectors/shape.js";
import { undiciTransport } from "../http/undici.js";
import { runSync } from "../sync/run.js";
import { readState } from "../warehouse/log.js";
import { type GoogleAdsDoubleOptions, googleAdsDouble } from "./doubles/google_ads.js";
import { JP, MANAGER, OLD, US } from "./doubles/google_ads-world.js";
import { rerouted } from "./doubles/server.js";
import { payloads, syncOptions } from "./sync-bench.js";
import { freshWorkspace, removeFolders } from "./workspace.js";

// Google Ads through the real network, client and runner: what stands in the warehouse after one sync and the next.

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(removeFolders);

/** A double, a workspace, and syncs of some streams at 06:00 UTC of a day. */
async function shop(options: GoogleAdsDoubleOptions = {}) {
  const clock = fixedClock(Date.parse("2026-02-09T06:00:00Z"));
  const double = await googleAdsDouble({ clock, ...options });
  const network = undiciTransport({ allowLoopback: true });
  closing.push(
    () => double.close(),
    () => network.close(),
  );
  const ws = await freshWorkspace();
  const sync = async (streams: readonly string[], asOf: ISODate = isoDate("2026-02-09"), given: object = {}) => {
    clock.advance(Math.max(0, Date.parse(`${asOf}T06:00:00Z`) - clock.now()));
    const source = {
      connector: googleAds,
      options: { ...double.options, ...given },
      secrets: double.secrets,
      transport: rerouted(network, double.routes),
      since: isoDate("2025-12-11"),
      timeoutMinutes: 600,
      streams,
    };
    const report = await runSync(syncOptions(ws, [source], { clock, asOf }));
    return { ...report, warnings: report.sources.flatMap(({ warnings }) => warnings), error: report.sources[0]?.error };
  };
  /** Micros of an account on a day, or on all of them. */
  const cost = async (customer: string, day?: string) => {
    const rows = (await payloads(ws, "google_ads", "campaign_days")).filter(
      (row) => valueAt(row, "customer.id") === customer && (day === undefined || valueAt(row, "segments.date") === day),
    );
    return rows.reduce((sum, row) => sum + Number(valueAt(row, "metrics.costMicros")), 0);
  };
  return { double, ws, clock, sync, cost, rows: (stream: string) => payloads(ws, "google_ads", stream) };
}

const times = (factor: number) => (cell: { cost: number }) => {
  cell.cost *= factor;
};
const NEXT = isoDate("2026-02-10");
const RESTATED = isoDate("2026-01-15");

describe("Google Ads, synced", () => {
  it("B-09 figures of 25 days ago that Google corrects are corrected here, and the change is on record", async () => {
    const { double, ws, sync, cost, rows } = await shop();
    expect((await sync(["campaign_days"])).exit).toBe("ok");
    const before = await cost(US, RESTATED);
    // A credit for invalid clicks: a third of the cost of one campaign goes away.
    let credit = 0;
    double.restate(RESTATED, (cell) => {
      if (cell.customer !== US || cell.campaign !== "12") return;
      credit += cell.cost / 4;
      cell.cost -= cell.cost / 4;
    });
    expect(credit).toBeGreaterThan(0);
    await sync(["campaign_days"], NEXT);
    expect(await cost(US, RESTATED)).toBe(before - credit);
    const events = await payloads(ws, "growthos", "restatements");
    expect(events.filter(({ measure }) => measure === "cost_micros")).toMatchObject([{ day: RESTATED }]);
    expect(new Set((await rows("campaign_days")).map((row) => valueAt(row, "segments.date"))).size).toBe(60);
  });

  it.each([
    ["cancelled", { status: "CANCELED" }],
    ["taken from the manager", { linked: false }],
  ])("keeps the recent spend of an account that is %s, and names it", async (_, change) => {
    const one = await shop();
    await one.sync(["campaign_days", "campaign_hours", "campaigns"]);
    const [spent, campaigns] = [await one.cost(JP), await one.rows("campaigns")];
    expect(spent).toBeGreaterThan(0);
    Object.assign(one.double.client(JP), change);
    one.double.restate(RESTATED, times(2));
    const us = await one.cost(US, RESTATED);
    const report = await one.sync(["campaign_days", "campaign_hours", "campaigns"], NEXT);
    expect(report.exit).toBe("ok");
    expect(await one.cost(JP)).toBe(spent);
    expect(await one.cost(US, RESTATED)).toBe(2 * us);
    expect(await one.rows("campaigns")).toHaveLength(campaigns.length);
    const named = report.warnings.filter((warning) => warning.includes(JP)).sort();
    expect(named).toEqual([
      expect.stringMatching(
        /^campaign_days: nothing was read of 1000000002 for 2026-01-11 … 2026-02-09: the \d+ rows that were read before stay$/,
      ),
      expect.stringMatching(/^campaign_hours: nothing was read of 1000000002 for 2026-02-03 … 2026-02-09/),
    ]);
    // What stays is nobody's correction: only the account that was read has one.
    const events = await payloads(one.ws, "growthos", "restatements");
    expect(events.map(({ day }) => day)).toEqual([RESTATED]);
  });

  it("keeps it on every further day, until the account is outside of the days that are read again", async () => {
    const { double, sync, cost } = await shop();
    await sync(["campaign_days"]);
    const spent = await cost(JP);
    double.client(JP).status = "CANCELED";
    await sync(["campaign_days"], NEXT);
    await sync(["campaign_days"], isoDate("2026-02-11"));
    expect(await cost(JP)).toBe(spent);
    const late = await sync(["campaign_days"], isoDate("2026-03-20"));
    expect(await cost(JP)).toBe(spent);
    expect(late.warnings).toEqual([]);
  });

  it("reads it again when the account comes back", async () => {
    const { double, sync, cost } = await shop();
    await sync(["campaign_days"]);
    const spent = await cost(JP);
    double.client(JP).status = "SUSPENDED";
    await sync(["campaign_days"], NEXT);
    double.client(JP).status = "ENABLED";
    double.restate(RESTATED, times(3));
    const back = await sync(["campaign_days"], isoDate("2026-02-11"));
    expect(back.warnings).toEqual([]);
    expect(await cost(JP)).toBeGreaterThan(spent);
  });

  it("keeps it when the account is named in the options, where the warning says what Google said", async () => {
    const { double, sync, cost } = await shop({ customers: [US, JP] });
    await sync(["campaign_days"]);
    const spent = await cost(JP);
    double.client(JP).status = "CANCELED";
    const report = await sync(["campaign_days"], NEXT);
    expect(await cost(JP)).toBe(spent);
    expect(report.warnings.join("\n")).toContain(`account ${JP} was left out`);
    expect(report.warnings.join("\n")).toContain("CUSTOMER_NOT_ENABLED");
    // Even when nothing at all can be read any more.
    double.client(US).status = "CANCELED";
    const us = await cost(US);
    await sync(["campaign_days"], isoDate("2026-02-11"));
    expect([await cost(US), await cost(JP)]).toEqual([us, spent]);
  });

  it("asks for clicks day by day, no further back than Google answers, and has the ad of each click id", async () => {
    const { double, ws, sync, rows } = await shop();
    expect((await sync(["click_views"])).exit).toBe("ok");
    const clicks = await rows("click_views");
    const cells = double.world.cells.filter(({ customer, clicks: some }) => customer !== OLD && some > 0);
    expect(clicks).toHaveLength(cells.length);
    const one = clicks.find((row) => valueAt(row, "clickView.gclid") === "gclid-11-11101-2026-02-08-8");
    expect(valueAt(one, "clickView.adGroupAd")).toMatch(/^customers\/100000000[12]\/adGroupAds\/111~11101$/);
    // 60 days of two accounts, and the manager asked for them by each of the 7 slices.
    expect(double.ledger().operations).toBe(60 * 2 + 7);
    expect(readState(ws).parts).toHaveLength(7);
    await sync(["click_views"], NEXT);
    // One new day, and the one before it again.
    expect(double.ledger().operations).toBe(60 * 2 + 7 + 2 * 2 + 1);
  });

  it("remembers a budget and a status that were set otherwise, of the accounts that were read", async () => {
    const { double, ws, sync } = await shop();
    await sync(["campaigns", "ads"]);
    double.client(JP).status = "CANCELED";
    const edits: Readonly<Record<string, object>> = {
      11: { "campaign_budget.amount_micros": "90000000" },
      13: { "campaign.status": "REMOVED" },
    };
    const { entities } = double.world;
    const campaigns = entities.get("campaign") ?? [];
    entities.set(
      "campaign",
      campaigns.map((one) => ({ ...one, ...edits[String(one["campaign.id"])] })),
    );
    await sync(["campaigns", "ads"], NEXT);
    const events = await payloads(ws, "growthos", "entity_changes");
    const told = events.map(({ key, currency, field, before, after }) => [key, currency, field, before, after]);
    expect(told.sort()).toEqual([
      [`${US}|11`, "USD", "daily_budget", "75000000", "90000000"],
      [`${US}|13`, "USD", "status", "PAUSED", "REMOVED"],
    ]);
  });

  it("ends when no account below the manager can be read, and changes nothing", async () => {
    const { double, ws, sync } = await shop();
    await sync(["campaign_days"]);
    const { version } = readState(ws);
    for (const id of [US, JP]) double.client(id).status = "CLOSED";
    const report = await sync(["campaign_days"], NEXT);
    expect([report.exit, report.error?.code]).toEqual(["source", "API_REFUSED"]);
    expect(report.error?.what).toContain(`the manager account ${MANAGER} has no client account`);
    expect(readState(ws).version).toBe(version);
  });

  it("pitfall 6: an account that was cancelled before it was ever read has no rows and no warning", async () => {
    const { sync, cost } = await shop();
    expect((await sync(["campaign_days"])).warnings).toEqual([]);
    expect(await cost(OLD)).toBe(0);
  });

  it("A06 a version that is switched off ends the source by name, with nothing committed", async () => {
    const { double, ws, sync } = await shop();
    double.retire("gone");
    const report = await sync(["campaign_days", "campaigns"]);
    expect([report.exit, report.error?.code]).toEqual(["source", "API_REFUSED"]);
    expect(report.error?.hint).toContain("update growthos");
    expect(readState(ws).parts).toEqual([]);
  });

  // What was asked in the last 24 hours, by this program's other runs and by other programs, is known to Google alone.
  it("N01 a new run on a day whose operations are used up commits nothing and says when to come back", async () => {
    const { double, ws, clock, sync, cost } = await shop({ operationsPerDay: 2_880 });
    double.use(2_880);
    clock.advance(60_000);
    for (const run of [1, 2]) {
      const report = await sync(["campaign_days"]);
      expect([report.exit, report.error?.code]).toEqual(["source", "API_THROTTLED"]);
      expect(report.error?.hint).toContain("again after 2026-02-10 06:00 UTC");
      expect(readState(ws)).toMatchObject({ parts: [], cursors: {} });
      // Asked once more after the longest wait, and no more than that.
      expect(double.ledger().refused).toBe(2 * run);
    }
    clock.advance(Date.parse("2026-02-10T06:00:00Z") - clock.now());
    expect((await sync(["campaign_days"], NEXT)).exit).toBe("ok");
    expect(await cost(US)).toBeGreaterThan(0);
  });

  it("N01 what was read before the operations of the day were used up is kept, and the next day goes on", async () => {
    const whole = await shop();
    await whole.sync(["campaign_days"], NEXT);
    const one = await shop();
    one.double.use(2_880 - 4);
    expect((await one.sync(["campaign_days"])).error?.code).toBe("API_THROTTLED");
    const kept = await one.rows("campaign_days");
    expect(kept.length).toBeGreaterThan(0);
    expect(await one.cost(US)).toBeLessThan(await whole.cost(US));
    one.clock.advance(86_400_000);
    expect((await one.sync(["campaign_days"], NEXT)).exit).toBe("ok");
    expect(await one.cost(US)).toBe(await whole.cost(US));
  });
});
