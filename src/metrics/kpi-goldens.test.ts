import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, addMonths, isoDate } from "../base/dates.js";
import { openWorld, worldContext } from "../testing/worlds.js";
import type { Database } from "../warehouse/types.js";
import { formatValue } from "./format.js";
import { runQuery } from "./run-query.js";
import type { MetricId, MetricValue, SemanticQuery } from "./types.js";

/**
 * The expected numbers of the KPI functions that this project grew from, one made-up day each, as values of the catalog.
 * Where those functions gave 0 for a division by zero, the catalog says that there is no value.
 */
interface Day {
  /** Whole currency units. */
  readonly revenue?: number;
  readonly orders?: number;
  readonly newCustomers?: number;
  readonly margin?: number;
  readonly spend?: number;
  readonly clicks?: number;
  readonly impressions?: number;
  /** sessions, product views, adds to cart, checkouts, purchases */
  readonly funnel?: readonly [number, number, number, number, number];
}

const GOLDENS: readonly (readonly [MetricId, Day, number | string])[] = [
  ["blended_cac", { spend: 10_000, newCustomers: 100 }, 100_00],
  ["blended_cac", { spend: 15_000, newCustomers: 120 }, 125_00],
  ["blended_cac", { spend: 10_000, newCustomers: 0 }, "no new customers"],
  ["mer", { revenue: 50_000, spend: 10_000 }, 5],
  ["mer", { revenue: 25_000, spend: 10_000 }, 2.5],
  ["mer", { revenue: 8000, spend: 10_000 }, 0.8],
  ["contribution_margin_pct", { margin: 30_000, revenue: 90_000 }, 1 / 3],
  ["contribution_margin_pct", { margin: 0, revenue: 0 }, "no net revenue"],
  ["aov", { revenue: 50_000, orders: 500 }, 100_00],
  ["aov", { revenue: 75_000, orders: 300 }, 250_00],
  ["roas", { revenue: 20_000, spend: 5000 }, 4],
  ["roas", { revenue: 3000, spend: 5000 }, 0.6],
  ["roas", { revenue: 3000, spend: 0 }, "no ad spend"],
  ["new_customer_share", { newCustomers: 200, orders: 500 }, 0.4],
  ["cpc", { spend: 5000, clicks: 2500 }, 2_00],
  ["cpm", { spend: 5000, impressions: 1_000_000 }, 5_00],
  ["ctr", { clicks: 25, impressions: 1000 }, 0.025],
  ["product_view_rate", { funnel: [10_000, 4000, 1000, 500, 200] }, 0.4],
  ["add_to_cart_rate", { funnel: [10_000, 4000, 1000, 500, 200] }, 0.25],
  ["checkout_rate", { funnel: [10_000, 4000, 1000, 500, 200] }, 0.5],
  ["purchase_rate", { funnel: [10_000, 4000, 1000, 500, 200] }, 0.4],
  ["funnel_cvr", { funnel: [10_000, 4000, 1000, 500, 200] }, 0.02],
  ["purchase_rate", { funnel: [10_000, 4000, 0, 0, 0] }, "no checkouts"],
];

/** Revenue now and before -> the change. */
const CHANGES: readonly (readonly [number, number, number | string])[] = [
  [120, 100, 0.2],
  [80, 100, -0.2],
  [0, 100, -1],
  [120, 0, "the value before is 0"],
  [0, 0, "the value before is 0"],
];

/** What winning a customer costs, what one brings in 30 days, the margin -> days as they are printed. */
const PAYBACKS: readonly (readonly [cac: number, ltv30: number, margin: number, days: string])[] = [
  [100, 150, 0.4, "50"],
  [200, 150, 0.35, "114"],
  [80, 100, 0.5, "48"],
  [0, 150, 0.4, "no cohort cac"],
  [100, 0, 0.4, "no contribution ltv 30"],
  [100, 150, 0, "no contribution ltv 30"],
  [100, 150, -0.1, "Contribution LTV 30 is negative"],
  [100, -20, 0.4, "Contribution LTV 30 is negative"],
];

/** The marketing metrics of the second system: one platform's figures of one day, in whole currency units -> the value. */
const CLAIMED = {
  spend: 500,
  impressions: 100_000,
  clicks: 2000,
  conversions: 40,
  value: 1500,
  purchases: 25,
  leads: 10,
  installs: 5,
};
const MARKETING: readonly (readonly [MetricId, number])[] = [
  ["spend", 500_00],
  ["impressions", 100_000],
  ["clicks", 2000],
  ["conversions", 40],
  ["conversion_value", 1500_00],
  ["platform_purchases", 25],
  ["leads", 10],
  ["installs", 5],
  ["cpc", 25],
  ["CPM", 5_00],
  ["cpa", 12_50],
  ["CPL", 50_00],
  ["cpi", 100_00],
  ["cpp", 20_00],
  ["ctr", 0.02],
  ["platform_cvr", 0.02],
  ["platform_roas", 3],
  // Of the shop: 1000 of net revenue, 400 of contribution, 4 orders, 2 new customers, 200 visits.
  ["revenue", 1000_00],
  ["profit", -100_00],
  ["visitors", 200],
  ["roas", 2],
  ["POAS", 0.8],
  ["aov", 250_00],
  ["arpv", 5_00],
  ["cvr", 0.02],
  ["cac", 250_00],
  ["MER", 2],
];
const MARKETING_DAY = isoDate("2025-12-01");

const FIRST = isoDate("2024-01-01");
const AS_OF = isoDate("2026-02-09");
const ALL = [{ from: addDays(FIRST, -1), to: addDays(AS_OF, -1) }];
const context = worldContext({ as_of: AS_OF });
const paybackMonth = (index: number) => addMonths(isoDate("2025-01-01"), index);
const goldenDay = (index: number) => addDays(FIRST, index);
const changeDay = (index: number) => addDays(FIRST, 100 + 2 * index);

async function fill(db: Database, index: number, day: Day): Promise<void> {
  const orders = Math.max(
    day.orders ?? 0,
    day.newCustomers ?? 0,
    day.revenue === undefined && day.margin === undefined ? 0 : 1,
  );
  const date = `date '${goldenDay(index)}'`;
  // The first order carries the day's money: only sums are asked for.
  await db.run(
    `insert into fact_orders (order_id, order_date, is_new_customer, gross_cents, contribution_cents)
     select 'g${index}-' || i, ${date}, i < ${day.newCustomers ?? 0}, if(i = 0, ${(day.revenue ?? 0) * 100}, 0), if(i = 0, ${(day.margin ?? 0) * 100}, 0)
     from range(${orders}) as rows(i)`,
  );
  await db.run(
    `insert into fact_spend (spend_date, source, spend_cents, clicks, impressions)
     values (${date}, 'meta_ads', ${(day.spend ?? 0) * 100}, ${day.clicks ?? 0}, ${day.impressions ?? 0})`,
  );
  await db.run(
    `insert into fact_traffic (traffic_date, sessions, product_views, add_to_carts, checkouts, purchases)
     values (${date}, ${(day.funnel ?? [0, 0, 0, 0, 0]).join(", ")})`,
  );
}

const shown = (value: MetricValue | undefined) => (value?.status === "ok" ? value.value : value?.detail);

describe("golden numbers of the KPI functions", () => {
  let db: Database;

  beforeAll(async () => {
    const tables: Parameters<typeof openWorld>[0]["tables"] = {
      cohorts: [
        { cohort_month: "2024-01-01", cohort_size: 100, retained_30d: 25, matured_30d: 100 },
        {
          cohort_month: "2024-02-01",
          cohort_size: 10,
          retained_7d: 1,
          matured_7d: 10,
          retained_30d: 3,
          matured_30d: 10,
          retained_60d: 4,
          matured_60d: 10,
          retained_90d: 5,
          matured_90d: 10,
        },
        { cohort_month: "2024-03-01", cohort_size: 100, retained_30d: 20, matured_30d: 100 },
        ...PAYBACKS.map(([cac, ltv30, margin], index) => ({
          cohort_month: paybackMonth(index),
          cohort_size: 1,
          spend_cents: cac * 100,
          matured_30d: 1,
          net_30d_cents: ltv30 * 100,
          contribution_30d_cents: Math.round(ltv30 * margin * 100),
        })),
      ],
    };
    const coverage = { "shopify.orders": ALL, "meta_ads.insights": ALL, "ga4.traffic_days": ALL };
    db = await openWorld({ as_of: AS_OF, configured: [], coverage, tables });
    for (const [index, [, day]] of GOLDENS.entries()) await fill(db, index, day);
    for (const [index, [now, before]] of CHANGES.entries()) {
      const day = changeDay(index);
      await db.run(
        `insert into fact_orders (order_id, order_date, gross_cents)
         values ('n${index}', date '${day}', ${now}), ('b${index}', date '${addDays(day, -1)}', ${before})`,
      );
    }
  });
  beforeAll(async () => {
    const { spend, impressions, clicks, conversions, value, purchases, leads, installs } = CLAIMED;
    await db.run(
      `insert into fact_spend (spend_date, source, spend_cents, impressions, clicks, conversions, conversion_value_cents, purchases,
         leads, installs)
       values (date '${MARKETING_DAY}', 'meta_ads', ${spend * 100}, ${impressions}, ${clicks}, ${conversions}, ${value * 100},
         ${purchases}, ${leads}, ${installs})`,
    );
    await db.run(
      `insert into fact_orders (order_id, order_date, is_new_customer, gross_cents, contribution_cents)
       select 'm' || i, date '${MARKETING_DAY}', i < 2, if(i = 0, 100000, 0), if(i = 0, 40000, 0) from range(4) as rows(i)`,
    );
    await db.run(`insert into fact_traffic (traffic_date, sessions) values (date '${MARKETING_DAY}', 200)`);
  });
  afterAll(() => db.close());

  it.each(PAYBACKS.map(([cac, ltv30, margin, days], index) => ({ cac, ltv30, margin, days, index })))(
    "pays $cac back from $ltv30 in 30 days at $margin in $days",
    async ({ days, index }) => {
      const from = paybackMonth(index);
      const answer = await ask({ metrics: ["payback_days"], window: { from, to: addDays(from, 27) } });
      const value = answer?.value;
      expect(value?.status === "ok" ? formatValue(value, "days", "USD") : value?.detail).toBe(days);
    },
  );

  it.each(MARKETING)("%s is %d, by any name and case", async (name, expected) => {
    const { totals } = await runQuery(
      db,
      { metrics: [name], window: { from: MARKETING_DAY, to: MARKETING_DAY } },
      context,
    );
    expect(shown(Object.values(totals)[0]?.value)).toBeCloseTo(expected, 9);
  });

  async function ask(query: SemanticQuery) {
    return (await runQuery(db, query, context)).totals[query.metrics[0] ?? ""];
  }

  it.each(GOLDENS.map(([metric, day, expected], index) => ({ metric, day: JSON.stringify(day), expected, index })))(
    "$metric of $day is $expected",
    async ({ metric, expected, index }) => {
      const answer = await ask({ metrics: [metric], window: { from: goldenDay(index), to: goldenDay(index) } });
      if (typeof expected === "string") expect(shown(answer?.value)).toBe(expected);
      else expect(shown(answer?.value)).toBeCloseTo(expected, 12);
    },
  );

  it.each(CHANGES.map(([now, before, expected], index) => ({ now, before, expected, index })))(
    "$now against $before is $expected",
    async ({ expected, index }) => {
      const day = changeDay(index);
      const answer = await ask({
        metrics: ["gross_revenue"],
        window: { from: day, to: day },
        compare: { kind: "previous" },
      });
      if (typeof expected === "string") expect(shown(answer?.change)).toBe(expected);
      else expect(shown(answer?.change)).toBeCloseTo(expected, 12);
    },
  );

  it.each([
    ["2024-01", "retention_d30", 0.25],
    ["2024-02", "retention_d7", 0.1],
    ["2024-02", "retention_d30", 0.3],
    ["2024-02", "retention_d60", 0.4],
    ["2024-02", "retention_d90", 0.5],
    ["2024-03", "retention_d30", 0.2],
  ])("the cohort of %s has %s %d", async (month, metric, expected) => {
    const first = isoDate(`${month}-01`);
    const answer = await ask({ metrics: [metric], window: { from: first, to: addDays(first, 27) } });
    expect(shown(answer?.value)).toBe(expected);
  });
});
