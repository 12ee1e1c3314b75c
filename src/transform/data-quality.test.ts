import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { MARTS } from "../metrics/marts.js";
import { type Bench, openBench } from "../testing/evaluate.js";
import { openWorld } from "../testing/worlds.js";
import type { Database } from "../warehouse/types.js";
import {
  hasDataQuality,
  readAvailability,
  readFreshness,
  readReconciledDays,
  readReconciliations,
  readVolumes,
} from "./data-quality.js";
import { TELLING } from "./pushed-days.js";

const range = (from: string, to: string) => ({ from: isoDate(from), to: isoDate(to) });
const step = (
  day: string,
  system: string,
  kind: string,
  [name, orders, cents]: readonly [string, number | null, number | null],
) => ({
  reconciled_date: day,
  system,
  kind,
  step: name,
  orders,
  amount_cents: cents,
});
const claim = (day: string, system: string, orders: number | null, cents: number | null) => ({
  claim_date: day,
  system,
  orders,
  amount_cents: cents,
});

/** GA4 on two of three days; the platforms together claim 15.3 of 10 orders on one. */
const STEPS = [
  step("2026-02-01", "ga4", "start", ["shop", 10, 1000]),
  step("2026-02-01", "ga4", "cause", ["refunds", 0, 200]),
  step("2026-02-01", "ga4", "rest", ["unexplained", -1, -120]),
  step("2026-02-01", "ga4", "end", ["claimed", 9, 1080]),
  step("2026-02-03", "ga4", "start", ["shop", 10, 1000]),
  step("2026-02-03", "ga4", "cause", ["cancelled", 1, 100]),
  step("2026-02-03", "ga4", "possible", ["tax", 0, 70]),
  step("2026-02-03", "ga4", "rest", ["unexplained", -2, null]),
  step("2026-02-03", "ga4", "end", ["claimed", 9, null]),
  step("2026-02-01", "ad_platforms", "start", ["shop", 10, 1000]),
  step("2026-02-01", "ad_platforms", "cause", ["other_channels", -4, -400]),
  step("2026-02-01", "ad_platforms", "cause", ["cancelled", 1, 100]),
  step("2026-02-01", "ad_platforms", "rest", ["unexplained", 8.3, 830]),
  step("2026-02-01", "ad_platforms", "end", ["claimed", 15.3, 1530]),
];

describe("what a build says about its own data", () => {
  let db: Database;
  beforeAll(async () => {
    db = await openWorld({
      as_of: isoDate("2026-02-04"),
      configured: ["shopify", "ga4", "meta_ads"],
      coverage: {},
      tables: {
        fact_reconciliation: STEPS,
        fact_claims: [
          claim("2026-02-01", "shop", 10, 1000),
          claim("2026-02-01", "meta", 15.3, 1530),
          claim("2026-02-01", "ga4", 9, 1080),
        ],
        dim_channel: [{ channel_id: "meta", channel_name: "Meta", is_paid: true, sort_order: 10 }],
        fact_availability: [
          { relation: "dim_product", source: "all", row_count: 3 },
          {
            relation: "fact_orders",
            source: "shopify",
            row_count: 7,
            first_date: "2026-02-01",
            last_date: "2026-02-03",
            missing_day_count: 1,
            empty_day_count: 0,
          },
        ],
        fact_gaps: [
          {
            relation: "fact_orders",
            source: "shopify",
            first_date: "2026-02-02",
            last_date: "2026-02-02",
            gap_kind: "missing",
            day_count: 1,
          },
        ],
        fact_freshness: [
          {
            source: "ga4",
            stream: "traffic_days",
            last_date: "2026-02-03",
            behind_day_count: 0,
            warn_after_days: 1,
            error_after_days: 3,
            freshness: "fresh",
          },
          {
            source: "meta_ads",
            stream: "insights",
            last_date: "2026-01-30",
            behind_day_count: 4,
            warn_after_days: 1,
            error_after_days: 3,
            freshness: "error",
          },
          { source: "fx", stream: "any", freshness: "unknown" },
        ],
        fact_volumes: (["usual", "low", "short_history", "small_volume", "high"] as const).map((verdict, index) => ({
          relation: "fact_traffic",
          source: "ga4",
          volume_date: `2026-02-0${index + 1}`,
          volume: 10 * index,
          usual_volume: 31.5,
          verdict,
        })),
      },
    });
  });
  afterAll(() => db.close());

  it("adds up a window exactly, and does not know money of which a day is missing", async () => {
    const all = await readReconciliations(db, range("2026-02-01", "2026-02-03"));
    expect(all.map(({ system, title, kind }) => [system, title, kind])).toEqual([
      ["ga4", "GA4", "analytics"],
      ["meta", "Meta", "ads"],
      ["ad_platforms", "all ad platforms", "ads"],
    ]);
    const ga4 = all.find(({ system }) => system === "ga4");
    expect(ga4).toMatchObject({
      comparedDays: 2,
      windowDays: 3,
      missing: [{ from: "2026-02-02", to: "2026-02-02" }],
      start: { orders: 20, cents: 2000 },
      // The larger one in orders first.
      causes: [
        { step: "cancelled", orders: 1, cents: 100 },
        { step: "refunds", orders: 0, cents: 200 },
      ],
      expected: { orders: 21, cents: 2300 },
      rest: { orders: -3, cents: null },
      end: { orders: 18, cents: null },
      possible: [{ step: "tax", orders: 0, cents: 70 }],
      claimedTwice: 0,
    });
    expect(ga4?.restShare.orders).toBeCloseTo(-3 / 21, 12);
    expect(ga4?.restShare.cents).toBeNull();
    const [day] = await readReconciliations(db, range("2026-02-01", "2026-02-01")).then((list) =>
      list.filter(({ system }) => system === "ga4"),
    );
    expect(day).toMatchObject({
      rest: { orders: -1, cents: -120 },
      restShare: { orders: -0.1, cents: -0.1 },
      missing: [],
    });
  });

  it("counts what the platforms claim beyond all orders there were", async () => {
    const ads = (await readReconciliations(db, range("2026-02-01", "2026-02-01"))).find(
      ({ system }) => system === "ad_platforms",
    );
    // 15.3 claimed, 10 counted and 1 cancelled: 4.3 at least were claimed twice.
    expect(ads?.claimedTwice).toBeCloseTo(4.3, 12);
    expect(ads).toMatchObject({ expected: { orders: 7, cents: 700 }, rest: { orders: 8.3, cents: 830 } });
  });

  it("cannot tell for days on which nothing can be compared", async () => {
    const all = await readReconciliations(db, range("2026-01-01", "2026-01-05"));
    for (const one of all)
      expect(one).toMatchObject({ comparedDays: 0, windowDays: 5, causes: [], rest: { orders: null, cents: null } });
    expect(all[0]?.missing).toEqual([{ from: "2026-01-01", to: "2026-01-05" }]);
  });

  it("gives each day of a system", async () => {
    expect(await readReconciledDays(db, "ga4", range("2026-02-01", "2026-02-03"))).toEqual([
      {
        day: "2026-02-01",
        shop: { orders: 10, cents: 1000 },
        causes: { orders: 0, cents: 200 },
        rest: { orders: -1, cents: -120 },
        claimed: { orders: 9, cents: 1080 },
      },
      {
        day: "2026-02-03",
        shop: { orders: 10, cents: 1000 },
        causes: { orders: 1, cents: 100 },
        rest: { orders: -2, cents: null },
        claimed: { orders: 9, cents: null },
      },
    ]);
  });

  it("reads availability with gaps, freshness with the stalest first, and volumes", async () => {
    expect(await hasDataQuality(db)).toBe(true);
    expect(await readAvailability(db)).toMatchObject([
      { relation: "dim_product", rows: 3, first: null, missingDays: null, gaps: [] },
      {
        relation: "fact_orders",
        missingDays: 1,
        gaps: [{ kind: "missing", from: "2026-02-02", to: "2026-02-02", days: 1 }],
      },
    ]);
    const fresh = await readFreshness(db);
    expect(fresh.map(({ source, status, behindDays }) => [source, status, behindDays])).toEqual([
      ["meta_ads", "error", 4],
      ["ga4", "fresh", 0],
      ["fx", "unknown", null],
    ]);
    expect(await readVolumes(db, range("2026-02-01", "2026-02-04"))).toEqual({
      days: 4,
      usual: 1,
      unjudged: 2,
      unusual: [
        { relation: "fact_traffic", source: "ga4", day: "2026-02-02", volume: 10, usual: 31.5, verdict: "low" },
      ],
    });
  });
});

describe("the streams that feed a relation", () => {
  // Lines, refunds and credit come with their orders, and the rest of each campaign brings the days of its spend to the ads.
  const COMES_WITH: Readonly<Record<string, string>> = {
    fact_order_lines: "fact_orders",
    fact_refunds: "fact_orders",
    fact_costs: "fact_orders",
    fact_attribution: "fact_orders",
    fact_ad_spend: "fact_spend",
    fact_spend_hours: "fact_spend",
    fact_spend_quarters: "fact_spend",
    fact_web_activity: "fact_events",
  };
  // Of events, purchases stand for all kinds: one table of the export holds all of a day, and one stream reads each kind from it.
  const STANDS_FOR: Readonly<Record<string, readonly string[]>> = {
    fact_events: ["page_view", "view_item", "add_to_cart", "purchase"],
    fact_web_activity: ["page_view", "add_to_cart", "purchase", "view_search_results", "no_search_results"],
  };
  // A declared file holds all kinds in one stream.
  const kindsFor = (mart: string, stream: string) => {
    const kinds = STANDS_FOR[mart] ?? ["purchase"];
    if (stream === "files.events") return kinds.map(() => stream);
    return stream === "ga4_events.purchase" ? kinds.map((kind) => `ga4_events.${kind}`) : [stream];
  };
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it("are those by which metrics know their days", async () => {
    const rows = await bench.rowsOf("int_streams__feeding", {});
    for (const [mart, { origins }] of Object.entries(MARTS)) {
      const own = rows
        .filter((row) => row["relation"] === (COMES_WITH[mart] ?? mart))
        .map((row) => `${row["landed_source"]}.${row["stream"]}`)
        .flatMap((stream) => kindsFor(mart, stream));
      // No day can be missing of what is told as it happens.
      const dated = origins.filter(({ isOpen }) => isOpen !== true);
      expect(own.sort(), mart).toEqual(dated.flatMap(({ streams }) => streams).sort());
    }
  });

  it("are told by the topics whose orders are staged", () => {
    for (const { source, topics } of TELLING) {
      const model = bench.project.models.find(({ relation }) => relation === `stg_${source}__order_events`);
      expect(model?.topics, source).toEqual(topics);
    }
  });
});
