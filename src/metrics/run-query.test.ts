import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, daysOf, isoDate } from "../base/dates.js";
import { openWorld, readWorlds, worldContext } from "../testing/worlds.js";
import type { Database } from "../warehouse/types.js";
import { readContext } from "./context.js";
import { readCatalog } from "./declared.js";
import { PLAIN_CALENDAR } from "./fiscal.js";
import { runQuery } from "./run-query.js";
import type { Breakdown, BreakdownRow, MetricValue, SemanticQuery } from "./types.js";

// A failure is the same for everybody.
fc.configureGlobal({ seed: 42 });

const AS_OF = isoDate("2026-02-09");
const FIRST = isoDate("2025-11-01");
const LAST = addDays(AS_OF, -1);
const ALL = [{ from: FIRST, to: LAST }];
const context = worldContext({ as_of: AS_OF });

/** A number from a row's index that looks random and is not. */
const hash = (index: number, salt: number, below: number) => ((index * 7919 + salt * 104_729) % 1_000_003) % below;

/** Three months of made-up rows: what matters is that sums of parts meet the whole. */
function rows(order: (list: readonly number[]) => readonly number[]) {
  const days = daysOf({ from: FIRST, to: LAST });
  const indexes = order(Array.from({ length: 300 }, (_, index) => index));
  const day = (index: number) => days[hash(index, 1, days.length)] ?? FIRST;
  const pick = <T>(index: number, salt: number, list: readonly T[]) => list[hash(index, salt, list.length)] ?? null;
  const groups = (index: number) => ({
    channel_id: pick(index, 2, ["meta", "google", "email", null]),
    category: pick(index, 3, ["apparel", "home", null]),
    country: pick(index, 4, ["US", "CA", "DE"]),
    customer_type: pick(index, 5, ["new", "returning"]),
  });
  return {
    fact_orders: indexes.map((index) => ({
      order_id: `o${index}`,
      order_date: day(index),
      customer_id: `c${hash(index, 6, 80)}`,
      ...groups(index),
      is_new_customer: hash(index, 7, 3) === 0,
      is_returning_customer: hash(index, 7, 3) === 1,
      is_counted: hash(index, 8, 20) !== 0,
      gross_cents: 1000 + hash(index, 9, 9000),
      discount_cents: hash(index, 10, 500),
    })),
    fact_refunds: indexes
      .filter((index) => index < 40)
      .map((index) => ({
        refund_id: `r${index}`,
        refund_date: day(index),
        ...groups(index),
        refund_cents: hash(index, 11, 900),
      })),
    fact_spend: indexes.map((index) => ({
      spend_date: day(index),
      source: pick(index, 12, ["meta_ads", "google_ads"]),
      channel_id: pick(index, 12, ["meta", "google"]),
      spend_cents: hash(index, 13, 5000),
      impressions: hash(index, 14, 9000),
      // Thirds have no exact binary form: their sum depends on the order unless they are added as decimals.
      conversions: hash(index, 15, 30) / 3,
    })),
    fact_traffic: indexes.map((index) => ({
      traffic_date: day(index),
      channel_id: pick(index, 16, ["meta", "organic"]),
      sessions: hash(index, 17, 300),
    })),
    fact_daily_metrics: indexes
      .filter((index) => index < 50)
      .map((index) => ({ metric_date: day(index), metric_name: "Support Tickets", value: hash(index, 18, 9) / 10 })),
  };
}

const COVERAGE = {
  "shopify.orders": ALL,
  "meta_ads.insights": ALL,
  "google_ads.campaign_days": ALL,
  "ga4.traffic_days": ALL,
  "files.daily_metrics": ALL,
};

function world(order: (list: readonly number[]) => readonly number[]) {
  return openWorld({ as_of: AS_OF, configured: ["shopify"], coverage: COVERAGE, tables: rows(order) });
}

const ADDITIVE = [
  "gross_revenue",
  "net_revenue",
  "orders",
  "new_customers",
  "spend",
  "impressions",
  "conversions",
  "sessions",
];
const known = (value: MetricValue | undefined) => (value?.status === "ok" ? value.value : Number.NaN);

function sums(list: readonly BreakdownRow[], metrics: readonly string[], member: "value" | "previous") {
  return metrics.map((id) => list.reduce((sum, row) => sum + (known(row.values[id]?.[member]) || 0), 0));
}

const window = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 39 }))
  .map(([start, length]) => ({ from: addDays(FIRST, start), to: addDays(FIRST, start + length) }));

describe("properties of answers", () => {
  let db: Database;
  let shuffled: Database;

  beforeAll(async () => {
    db = await world((list) => list);
    shuffled = await world((list) => [...list].sort((a, b) => hash(a, 99, 1000) - hash(b, 99, 1000)));
  });
  afterAll(async () => {
    await db.close();
    await shuffled.close();
  });

  it("D13 has no CAC where nothing was spent: a zero would read as free", async () => {
    const query: SemanticQuery = { metrics: ["blended_cac"], window: { from: FIRST, to: LAST }, breakdown: "channel" };
    const { rows: channels } = await runQuery(db, query, context);
    const cac = (key: string) => channels.find((row) => row.key === key)?.values["blended_cac"]?.value;
    expect(cac("email")).toEqual({ status: "undefined", because: "zero_numerator", detail: "no ad spend" });
    expect(cac("meta")).toMatchObject({ status: "ok" });
  });

  it("points of any grain add up to the window, without gaps", async () => {
    await fc.assert(
      fc.asyncProperty(
        window,
        fc.constantFrom("day", "week", "month"),
        fc.integer({ min: 1, max: 7 }),
        async (days, grain, weekEndsOn) => {
          const query = { metrics: ADDITIVE, window: days, grain: grain as "day" | "week" | "month" };
          const answer = await runQuery(db, query, { ...context, weekEndsOn });
          for (const [index, sum] of sums(answer.series, ADDITIVE, "value").entries()) {
            expect(sum).toBeCloseTo(known(answer.totals[ADDITIVE[index] ?? ""]?.value), 6);
          }
          if (grain === "day") expect(answer.series.map((point) => point.key)).toEqual(daysOf(days));
        },
      ),
      { numRuns: 20 },
    );
  });

  it("the order of the rows changes nothing, not even the last bit", async () => {
    await fc.assert(
      fc.asyncProperty(window, fc.constantFrom<Breakdown>("channel", "week"), async (days, breakdown) => {
        const query: SemanticQuery = {
          metrics: [...ADDITIVE, "aov", "cpa", "roas"],
          window: days,
          breakdown,
          compare: { kind: "previous" },
          grain: "day",
        };
        expect(await runQuery(shuffled, query, context)).toEqual(await runQuery(db, query, context));
      }),
      { numRuns: 10 },
    );
  });

  it("a window's previous is what the window before answers", async () => {
    await fc.assert(
      fc.asyncProperty(window, async (days) => {
        const length = daysOf(days).length;
        if (addDays(days.from, -length) < FIRST) return;
        const metrics = [...ADDITIVE, "returning_customers", "aov", "mer"];
        const both = await runQuery(db, { metrics, window: days, compare: { kind: "previous" } }, context);
        const alone = await runQuery(
          db,
          { metrics, window: { from: addDays(days.from, -length), to: addDays(days.from, -1) } },
          context,
        );
        for (const id of metrics) expect(both.totals[id]?.previous).toEqual(alone.totals[id]?.value);
      }),
      { numRuns: 20 },
    );
  });

  it("distinct people of a week are counted once in it", async () => {
    const days = { from: isoDate("2026-01-05"), to: isoDate("2026-01-18") };
    const weeks = await runQuery(db, { metrics: ["returning_customers"], window: days, breakdown: "week" }, context);
    for (const week of weeks.rows) {
      const from = isoDate(week.key);
      const alone = await runQuery(
        db,
        { metrics: ["returning_customers"], window: { from, to: addDays(from, 6) } },
        context,
      );
      expect(week.values["returning_customers"]?.value).toEqual(alone.totals["returning_customers"]?.value);
    }
  });

  it("orders rows by the metric asked for, what is not there last, and cuts them", async () => {
    const query: SemanticQuery = {
      metrics: ["roas", "net_revenue"],
      window: ALL[0] ?? { from: FIRST, to: LAST },
      breakdown: "channel",
    };
    const ask = async (direction: "asc" | "desc", limit?: number) =>
      (await runQuery(db, { ...query, orderBy: { metric: "roas", direction }, limit }, context)).rows.map(
        (row) => row.key,
      );
    const [down, up] = [await ask("desc"), await ask("asc")];
    expect(down.slice(0, 2)).toEqual(up.slice(0, 2).reverse());
    expect(down.slice(2)).toEqual(["(none)", "email"]);
    expect(await ask("desc", 1)).toEqual(down.slice(0, 1));
  });

  it("answers for figures that the user declared", async () => {
    const catalog = await readCatalog(db);
    expect(catalog.find("daily support tickets")?.title).toBe("Support Tickets");
    const query = { metrics: ["daily_support_tickets"], window: { from: FIRST, to: LAST } };
    const expected = rows((list) => list).fact_daily_metrics.reduce((sum, row) => sum + row.value * 10, 0) / 10;
    const answer = await runQuery(db, query, context, { catalog });
    expect(known(answer.totals["daily_support_tickets"]?.value)).toBeCloseTo(expected, 9);
    await expect(runQuery(db, query, context)).rejects.toThrow(expect.objectContaining({ code: "BAD_QUERY" }));
  });

  it("reads its context from the build", async () => {
    expect(await readContext(db, "Tiny")).toEqual({ ...context, calendar: PLAIN_CALENDAR });
  });
});

describe("triple count", () => {
  const LEVELS = [undefined, "platform", "account", "campaign", "ad_set", "ad"] as const;

  it("the same money is told of a campaign, its ad sets and its ads, and is counted once whatever the breakdown", async () => {
    const shared = {
      spend_date: "2026-02-01",
      source: "meta_ads",
      account_id: "1",
      campaign_key: "c",
      channel_id: "meta",
    };
    const ad = (adset: string | null, one: string | null, spend_cents: number) => ({
      ...shared,
      adset_key: adset,
      ad_key: one,
      spend_cents,
    });
    const db = await openWorld({
      as_of: AS_OF,
      configured: ["meta_ads"],
      coverage: { "meta_ads.insights": ALL, "meta_ads.ad_insights": ALL },
      tables: {
        fact_spend: [{ ...shared, spend_cents: 10_000 }],
        // 60 + 30 of ads, 10 that only the campaign tells: 100.
        fact_ad_spend: [ad("s1", "a1", 6000), ad("s2", "a2", 3000), ad(null, null, 1000)],
      },
    });
    for (const breakdown of LEVELS) {
      const query: SemanticQuery = {
        metrics: ["spend"],
        window: { from: FIRST, to: LAST },
        ...(breakdown === undefined ? {} : { breakdown }),
      };
      const { totals, rows: parts } = await runQuery(db, query, context);
      expect([breakdown, known(totals["spend"]?.value)]).toEqual([breakdown, 10_000]);
      if (breakdown !== undefined) expect([breakdown, ...sums(parts, ["spend"], "value")]).toEqual([breakdown, 10_000]);
    }
    await db.close();
  });
});

describe("cohorts where fiscal months are whole weeks", () => {
  it("are of calendar months, each with its own name", async () => {
    const world = readWorlds().find(([name]) => name === "cohorts.json")?.[1];
    if (world === undefined) throw new Error("the world cohorts.json is missing");
    const db = await openWorld(world);
    // 1 January 2026 lies in the fiscal month that began on 30 November, and November's cohort in one from 26 October.
    const calendar = { ...PLAIN_CALENDAR, weekEndsOn: 6, fiscalYearEndMonth: 1, periods: "4-5-4" } as const;
    const window = { from: isoDate("2025-11-01"), to: isoDate("2026-01-31") };
    const query: SemanticQuery = { metrics: ["cohort_size", "retention_d30"], window, breakdown: "month" };
    const { rows } = await runQuery(db, query, { ...worldContext(world), calendar });
    await db.close();
    expect(rows.map(({ key, label, values }) => [key, label, values["cohort_size"]?.value])).toEqual([
      ["2025-11-01", "2025-11", { status: "ok", value: 10 }],
      ["2025-12-01", "2025-12", { status: "ok", value: 20 }],
      ["2026-01-01", "2026-01", { status: "ok", value: 8 }],
    ]);
  });
});
