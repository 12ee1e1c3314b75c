import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { openWorld, worldContext } from "../testing/worlds.js";
import type { Database } from "../warehouse/types.js";
import { type ChangeExplanation, explainChange, FUNNELS } from "./explain-change.js";
import { runQuery } from "./run-query.js";

/**
 * Two days. 02-07: 100 sessions, 2 orders of 10.00 (meta) and 30.00 (google), spend 5.00 for 50 clicks of 1,000 (meta).
 * 02-08: 150 sessions, 3 orders of 12.00 each (meta), spend 9.01 for 60 clicks of 1,500 (meta) and 1.00 for 10 of 500 (google), 4.00 came back.
 */
const DAY = { from: isoDate("2026-02-08"), to: isoDate("2026-02-08") };
const ALL = [{ from: isoDate("2026-02-01"), to: isoDate("2026-02-08") }];
const order = (id: string, day: string, channel: string, cents: number, product: string) => ({
  fact_orders: { order_id: id, order_date: day, channel_id: channel, gross_cents: cents, unit_count: 1 },
  fact_order_lines: { order_line_id: id, order_id: id, order_date: day, product_key: product, gross_cents: cents },
});
const ORDERS = [
  order("1", "2026-02-07", "meta", 1000, "mug"),
  order("2", "2026-02-07", "google", 3000, "shirt"),
  ...["3", "4", "5"].map((id) => order(id, "2026-02-08", "meta", 1200, "mug")),
];
const spend = (day: string, channel: string, spend_cents: number, impressions: number, clicks: number) => ({
  spend_date: day,
  source: "meta_ads",
  channel_id: channel,
  spend_cents,
  impressions,
  clicks,
});
const WORLD = {
  as_of: isoDate("2026-02-09"),
  configured: ["shopify"],
  coverage: { "shopify.orders": ALL, "meta_ads.insights": ALL, "ga4.traffic_days": ALL },
  tables: {
    fact_orders: ORDERS.map((one) => one.fact_orders),
    fact_order_lines: ORDERS.map((one) => one.fact_order_lines),
    fact_refunds: [{ refund_id: "r", order_id: "3", refund_date: "2026-02-08", channel_id: "meta", refund_cents: 400 }],
    fact_spend: [
      spend("2026-02-07", "meta", 500, 1000, 50),
      spend("2026-02-08", "meta", 901, 1500, 60),
      spend("2026-02-08", "google", 100, 500, 10),
    ],
    fact_traffic: [
      { traffic_date: "2026-02-07", channel_id: "meta", sessions: 100 },
      { traffic_date: "2026-02-08", channel_id: "meta", sessions: 150 },
    ],
    cohorts: [
      { cohort_month: "2025-11-01", cohort_size: 10, retained_30d: 2, matured_30d: 10 },
      { cohort_month: "2025-12-01", cohort_size: 20, retained_30d: 5, matured_30d: 20 },
    ],
  },
};

describe("explainChange", () => {
  let db: Database;
  beforeAll(async () => {
    db = await openWorld(WORLD);
  });
  afterAll(() => db.close());
  const explain = (metric: string, more: object = {}) =>
    explainChange(db, { metric, window: DAY, ...more }, worldContext(WORLD));
  const effects = (explained: ChangeExplanation, kind: string) =>
    Object.fromEntries(
      explained.splits.find((split) => split.kind === kind)?.parts.map((p) => [p.key, p.effect]) ?? [],
    );
  const rows = (explained: ChangeExplanation, by: string) =>
    Object.fromEntries(explained.segments.find((split) => split.by === by)?.rows.map((r) => [r.key, r]) ?? []);

  it("tells a sum by its terms, its funnel and what came back, to the cent", async () => {
    // 40.00 -> 36.00 - 4.00 = 32.00: -8.00. Orders 2 -> 3, conversion stays 2 %, value 20.00 -> 12.00.
    // Sessions +50 x 2 % x (20 + 12) / 2 = +16.00; value -8.00 x 2 % x (100 + 150) / 2 = -20.00; returns -4.00.
    const explained = await explain("net_revenue");
    expect(explained.change).toBe(-800);
    expect(effects(explained, "terms")).toEqual({ gross_revenue: -400, discounts: 0, returns: -400 });
    expect(effects(explained, "factors")).toEqual({ sessions: 1600, cvr: 0, aov: -2000, returns: -400 });
  });

  it("tells volume, mix and price by channel, mix included", async () => {
    // Volume +1 of 2 at the old 20.00: meta +5.00, google +15.00. Mix: meta 3 x 10 - 10 x 1.5 = +15.00, google 0 - 30 x 1.5 = -45.00.
    // Price: meta 32.00 - 3 x 10.00 = +2.00 (net of the 4.00 that came back).
    const by = rows(await explain("net_revenue", { by: "channel" }), "channel");
    expect(by["meta"]).toMatchObject({ effect: 2200, of: { volume: 500, mix: 1500, price: 200 } });
    expect(by["google"]).toMatchObject({ effect: -3000, of: { volume: 1500, mix: -4500, price: 0 } });
  });

  it("takes units for the volume of products", async () => {
    const explained = await explain("gross_revenue", { by: "product" });
    expect(explained.segments[0]?.volume).toBe("units");
    expect(rows(explained, "product")["mug"]).toMatchObject({
      effect: 2600,
      of: { volume: 500, mix: 1500, price: 600 },
    });
  });

  it("tells a ratio by numerator and denominator, and by mix and rate of its segments", async () => {
    // Click-through rate 50/1000 = 5 % -> 70/2000 = 3.5 %.
    const explained = await explain("ctr");
    expect(explained.change).toBeCloseTo(-0.015, 12);
    // Clicks +20 x (1/1000 + 1/2000) / 2 = 1.5 points, impressions (1/2000 - 1/1000) x 60 = -3 points.
    const parts = effects(explained, "quotient");
    expect(parts["clicks"]).toBeCloseTo(0.015, 12);
    expect(parts["impressions"]).toBeCloseTo(-0.03, 12);
    // Google comes with a quarter of the impressions at 2 %, against a mean of 4.25 %: mix 0.25 x -2.25 points; rate 0.
    const google = rows(explained, "channel")["google"];
    expect(google?.of.mix).toBeCloseTo(-0.005625, 12);
    expect(google?.of.rate).toBeCloseTo(0, 12);
  });

  it("reads the numerator and denominator of a cohort's quotient", async () => {
    // 2 of 10 -> 5 of 20.
    const window = { from: isoDate("2025-12-01"), to: isoDate("2025-12-31") };
    const compare = { kind: "range" as const, range: { from: isoDate("2025-11-01"), to: isoDate("2025-11-30") } };
    const covered = {
      configured: [],
      streams: [
        {
          name: "shopify.orders",
          lastLoadedAt: null,
          days: [{ from: isoDate("2025-01-01"), to: isoDate("2026-02-08") }],
        },
      ],
    };
    const explained = await explainChange(db, { metric: "retention_d30", window, compare }, worldContext(WORLD), {
      coverage: covered,
    });
    expect(explained.change).toBeCloseTo(0.05, 12);
    const parts = Object.values(effects(explained, "quotient"));
    expect(parts[0]).toBeCloseTo(0.225, 12);
    expect(parts[1]).toBeCloseTo(-0.175, 12);
  });

  it("gives zeros for no change", async () => {
    const explained = await explain("orders", { compare: { kind: "range", range: DAY } });
    expect(explained.change).toBe(0);
    const all = [...explained.splits.flatMap((split) => split.parts), ...explained.segments.flatMap((one) => one.rows)];
    expect(all.length).toBeGreaterThan(2);
    for (const part of all) expect(part.effect).toBe(0);
  });

  it("adds up for every metric that it can tell", async () => {
    for (const metric of [
      "net_revenue",
      "orders",
      "spend",
      "contribution_margin",
      "mer",
      "aov",
      "blended_cac",
      "cvr",
    ]) {
      const { change, splits, segments } = await explain(metric);
      if (change === undefined) continue;
      for (const parts of [...splits.map((split) => split.parts), ...segments.map((one) => one.rows)])
        expect(
          parts.reduce<number>((sum, part) => sum + part.effect, 0),
          metric,
        ).toBeCloseTo(change, 9);
    }
  });

  it("says what is unknown instead of guessing", async () => {
    const blind = { configured: ["ga4"], streams: [{ name: "shopify.orders", lastLoadedAt: null, days: ALL }] };
    const context = worldContext(WORLD);
    const orders = await explainChange(db, { metric: "orders", window: DAY }, context, { coverage: blind });
    expect(orders.splits).toEqual([]);
    expect(orders.unknown[0]).toMatch(/^not told by Sessions x .*: .*ga4: never synced/);
    const sessions = await explainChange(db, { metric: "cvr", window: DAY }, context, { coverage: blind });
    expect(sessions.change).toBeUndefined();
    expect(sessions.unknown[0]).toContain("ga4: never synced");
  });

  it("does not split what does not add up over groups", async () => {
    const explained = await explain("returning_customers", { by: "channel" });
    expect(explained.unknown).toEqual(["not told by channel: values of returning customers do not add up over groups"]);
  });

  it("refuses what the catalog does not know", async () => {
    await expect(explain("net_revenu")).rejects.toMatchObject({ code: "BAD_QUERY" });
    await expect(explain("returns", { by: "product" })).rejects.toMatchObject({ code: "BAD_QUERY" });
  });

  it("knows funnels whose product is the metric", async () => {
    for (const [id, { factors, plus }] of Object.entries(FUNNELS)) {
      const metrics = [id, ...factors, ...(plus === undefined ? [] : [plus.metric])];
      const { totals } = await runQuery(db, { metrics, window: DAY }, worldContext(WORLD));
      const value = (name: string) => {
        const found = totals[name]?.value;
        return found?.status === "ok" ? found.value : Number.NaN;
      };
      const product = factors.reduce((all, factor) => all * value(factor), 1);
      expect(product + (plus === undefined ? 0 : plus.sign * value(plus.metric)), id).toBeCloseTo(value(id), 9);
    }
  });
});
