import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { openWorld } from "../testing/worlds.js";
import { availability, type Coverage, readCoverage } from "./coverage.js";
import { MARTS } from "./marts.js";

const LAST = isoDate("2026-02-08");
const range = (from: string, to: string) => ({ from: isoDate(from), to: isoDate(to) });
const WEEK = range("2026-02-02", "2026-02-08");
const ALL = range("2026-01-01", "2026-02-08");

function coverage(
  configured: readonly string[],
  streams: Readonly<Record<string, readonly ReturnType<typeof range>[]>>,
): Coverage {
  return {
    configured,
    streams: Object.entries(streams).map(([name, days]) => ({ name, days, lastLoadedAt: "2026-02-09T06:00:00Z" })),
  };
}

const spend = (given: Coverage, days = WEEK) => availability(given, MARTS.fact_spend, days, LAST);
const orders = (given: Coverage, days = WEEK) => availability(given, MARTS.fact_orders, days, LAST);

describe("availability", () => {
  it("knows what nobody configured from what has not come yet", () => {
    expect(spend(coverage(["shopify"], {}))).toMatchObject({
      because: "not_configured",
      detail: "no source of ad spend is configured",
    });
    expect(spend(coverage(["meta_ads"], {}))).toMatchObject({
      because: "never_synced",
      detail: "meta_ads: never synced",
    });
    expect(spend(coverage(["meta_ads", "google_ads"], { "meta_ads.insights": [ALL] }))).toMatchObject({
      because: "never_synced",
    });
  });

  it("does not wait for every kind of file once one was read", () => {
    expect(spend(coverage(["files"], {}))).toMatchObject({ because: "never_synced", detail: "files: never synced" });
    expect(spend(coverage(["files"], { "files.shopify_orders": [ALL] }))).toMatchObject({ because: "not_configured" });
  });

  it("does not wait for files where another source tells the rows: an inbox may stay empty", () => {
    expect(orders(coverage(["shopify", "files"], { "shopify.orders": [ALL] }))).toMatchObject({ status: "ok" });
    expect(orders(coverage(["files"], { "webhooks.orders": [ALL] }))).toMatchObject({ status: "ok" });
    // The platform that was connected and has told nothing yet is waited for all the same.
    expect(spend(coverage(["meta_ads", "files"], { "google_ads.campaign_days": [ALL] }))).toMatchObject({
      because: "never_synced",
      detail: "meta_ads: never synced",
    });
  });

  it("names the source and the days that are missing", () => {
    const given = coverage(["meta_ads", "google_ads"], {
      "meta_ads.insights": [range("2026-01-01", "2026-02-03"), range("2026-02-05", "2026-02-06")],
      "google_ads.campaign_days": [range("2026-01-01", "2026-02-07")],
    });
    expect(spend(given)).toEqual({
      status: "unknown",
      because: "days_missing",
      detail: "meta_ads: 2026-02-04, 2026-02-07 … 2026-02-08; google_ads: 2026-02-08",
    });
    expect(spend(given, range("2026-02-02", "2026-02-03"))).toEqual({ status: "ok", provisional: true });
  });

  it("knows spend by ad only where some platform's ads were read, and their days with it", () => {
    const ads = (given: Coverage) => availability(given, MARTS.fact_ad_spend, WEEK, LAST);
    const both = { "meta_ads.insights": [ALL], "google_ads.campaign_days": [ALL] };
    expect(ads(coverage(["meta_ads", "google_ads"], both))).toEqual({
      status: "unknown",
      because: "not_configured",
      detail: "no ad spend by ad was read: meta_ads.ad_insights, google_ads.ad_days, files.spend",
    });
    const late = { ...both, "meta_ads.ad_insights": [range("2026-02-04", "2026-02-08")] };
    expect(ads(coverage(["meta_ads", "google_ads"], late))).toMatchObject({
      because: "days_missing",
      detail: "meta_ads.ad_insights: 2026-02-02 … 2026-02-03",
    });
    // Google's ads are not read: its spend stands under no ad.
    const read = { ...both, "meta_ads.ad_insights": [ALL] };
    expect(ads(coverage(["meta_ads", "google_ads"], read))).toEqual({ status: "ok", provisional: true });
  });

  it("lets an export stand in for the connector of the same platform", () => {
    const given = coverage(["meta_ads"], {
      "files.meta_ads": [range("2026-01-01", "2026-02-04")],
      "meta_ads.insights": [range("2026-02-03", "2026-02-08")],
    });
    expect(spend(given)).toEqual({ status: "ok", provisional: true });
  });

  it("says no data before the first day ever loaded, and missing days across it", () => {
    const given = coverage(["shopify"], { "shopify.orders": [range("2026-02-01", "2026-02-08")] });
    expect(orders(given, range("2026-01-01", "2026-01-31"))).toMatchObject({
      because: "no_data",
      detail: "no orders before 2026-02-01",
    });
    expect(orders(given, range("2026-01-31", "2026-02-02"))).toMatchObject({
      because: "days_missing",
      detail: "shopify: 2026-01-31",
    });
    expect(orders(given)).toEqual({ status: "ok", provisional: false });
  });

  it("calls a long list of gaps by its first ones", () => {
    const days = Array.from({ length: 9 }, (_, index) => isoDate(`2026-01-${String(2 * index + 1).padStart(2, "0")}`));
    const given = coverage([], { "shopify.orders": days.map((day) => ({ from: day, to: day })) });
    expect(orders(given, range("2026-01-01", "2026-01-17"))).toMatchObject({
      detail: "shopify: 2026-01-02, 2026-01-04, 2026-01-06, 2026-01-08 and 4 more days",
    });
  });

  it.each([
    ["meta_ads.insights", "fact_spend", "2026-01-11", "2026-01-12"],
    ["google_ads.campaign_days", "fact_spend", "2026-01-09", "2026-01-10"],
    ["ga4.traffic_days", "fact_traffic", "2026-02-05", "2026-02-06"],
  ] as const)("%s of %s is settled on %s and provisional on %s", (stream, mart, settled, restated) => {
    const given = coverage([], { [stream]: [ALL] });
    const on = (day: string) => availability(given, MARTS[mart], range(day, day), LAST);
    expect(on(settled)).toEqual({ status: "ok", provisional: false });
    expect(on(restated)).toEqual({ status: "ok", provisional: true });
  });
});

describe("readCoverage", () => {
  it("reads days as ranges, and the span of rows where parts name no days", async () => {
    const db = await openWorld({
      as_of: isoDate("2026-02-09"),
      configured: ["shopify", "files"],
      coverage: { "shopify.orders": [range("2026-01-01", "2026-01-03"), range("2026-01-05", "2026-01-05")] },
      tables: {},
    });
    try {
      await db.run("insert into meta.coverage values ('shopify', 'orders', date '2026-01-05')");
      await db.run(
        "insert into meta.sources values ('files', 'orders', 9, date '2025-01-02', date '2025-03-04', '2026-02-09 06:00:00+00')",
      );
      await db.run("insert into meta.sources values ('ga4', 'traffic_days', 0, null, null, null)");
      expect(await readCoverage(db)).toEqual({
        configured: ["files", "shopify"],
        streams: [
          { name: "files.orders", days: [range("2025-01-02", "2025-03-04")], lastLoadedAt: "2026-02-09T06:00:00.000Z" },
          {
            name: "shopify.orders",
            days: [range("2026-01-01", "2026-01-03"), range("2026-01-05", "2026-01-05")],
            lastLoadedAt: "2026-02-09T06:00:00.000Z",
          },
        ],
      });
    } finally {
      await db.close();
    }
  });
});
