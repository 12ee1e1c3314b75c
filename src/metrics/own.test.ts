import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { openWorld, worldContext } from "../testing/worlds.js";
import type { Database } from "../warehouse/types.js";
import { readCatalog } from "./declared.js";
import { type OwnMetric, ownCatalog, ownProblems } from "./own.js";
import { runQuery } from "./run-query.js";

const own = (id: string, members: Partial<OwnMetric>): OwnMetric => ({
  id,
  title: id,
  unit: "number",
  better: "up",
  aliases: [],
  ...members,
});
const said = (...metrics: readonly OwnMetric[]) => ownProblems(metrics).map(({ id, message }) => `${id}: ${message}`);

describe("metrics of the user's own", () => {
  let db: Database;
  const context = worldContext({ as_of: isoDate("2026-02-09") });
  const window = { from: isoDate("2026-02-02"), to: isoDate("2026-02-08") };

  beforeAll(async () => {
    const days = [{ from: isoDate("2026-01-01"), to: isoDate("2026-02-08") }];
    db = await openWorld({
      as_of: context.asOf,
      configured: [],
      coverage: { "shopify.orders": days, "files.daily_metrics": days },
      tables: {
        fact_orders: [
          { order_id: "a", order_date: "2026-02-02", customer_id: "c", gross_cents: 1000, tax_cents: 190 },
          { order_id: "b", order_date: "2026-02-05", customer_id: "c", gross_cents: 3000, tax_cents: 570 },
          { order_id: "t", order_date: "2026-02-05", is_counted: false, gross_cents: 9000, tax_cents: 9 },
        ],
        fact_daily_metrics: [
          { metric_date: "2026-02-03", metric_name: "Tickets", value: 5 },
          { metric_date: "2026-02-03", metric_name: "Other", value: 50 },
        ],
      },
    });
  });
  afterAll(() => db.close());

  it("are asked for like any other, also by alias, and build on each other", async () => {
    const metrics = [
      own("order_tax", { sum: "fact_orders.tax_cents", where: ["is_counted"], unit: "money" }),
      own("rows", { count: "fact_orders", unit: "count" }),
      own("people", { distinct: "fact_orders.customer_id", unit: "count" }),
      own("tickets", { figure: "Tickets", unit: "count", better: "down", aliases: ["Support tickets"] }),
      own("tickets_per_order", { divide: "tickets", by: "orders", times: 100 }),
      own("with_tax", { plus: ["gross_revenue", "order_tax"], minus: ["discounts"], unit: "money" }),
      own("squared", { multiply: ["orders", "orders"] }),
      own("order_slope", { slopeOf: "orders" }),
    ];
    expect(said(...metrics)).toEqual([]);
    const catalog = await readCatalog(db, ownCatalog(metrics));
    const ids = metrics.map(({ id }) => id);
    const asked = ["support tickets", ...ids.filter((id) => id !== "tickets")];
    const { totals } = await runQuery(db, { metrics: asked, window }, context, { catalog });
    const values = ids.map((id) => (totals[id]?.value.status === "ok" ? totals[id].value.value : null));
    // Orders on days 0 and 3 of 7: -3 * 1 + 0 * 1 over 28.
    expect(values).toEqual([760, 3, 1, 5, 250, 4760, 4, -3 / 28]);
    expect(catalog.get("tickets_per_order")).toMatchObject({ formula: "tickets / orders x 100", own: true });
    expect(catalog.get("with_tax").formula).toBe("gross_revenue + order_tax - discounts");
    expect(catalog.get("order_tax").formula).toBe("sum of tax_cents where is_counted");
  });

  it.each([
    [
      [own("revenue", { divide: "orders", by: "sessions" })],
      "revenue: shares the name revenue with the metric net_revenue",
    ],
    [[own("x", { divide: "ordrs", by: "sessions" })], 'x: there is no metric "ordrs"; did you mean orders?'],
    [
      [own("x", { divide: "y", by: "orders" }), own("y", { plus: ["x"] })],
      "x: is made of itself: x -> y -> x\ny: is made of itself: y -> x -> y",
    ],
    [[own("x", { plus: ["x"] })], "x: is made of itself: x -> x"],
    [[own("x", { sum: "fact_order.tax_cents" })], 'x: there is no fact "fact_order"; did you mean fact_orders?'],
    [
      [own("x", { sum: "fact_orders.taxes_cents", unit: "money" })],
      'x: there is no column of fact_orders to add up "taxes_cents"; did you mean tax_cents?',
    ],
    [
      [own("x", { count: "fact_orders", where: ["is_count"] })],
      'x: there is no condition of fact_orders "is_count"; did you mean is_counted?',
    ],
    [[own("x", { sum: "fact_orders.tax_cents" })], "x: fact_orders.tax_cents is money, the unit says number"],
    [[own("x", { count: "fact_orders.order_id" })], "x: count takes a fact alone: fact_orders"],
    [[own("x", { slopeOf: "aov" })], "x: aov is no sum of rows, so its days make no line"],
    [[own("x", { slopeOf: "customers" })], "x: customers is no sum of rows, so its days make no line"],
    [
      [own("all", { plus: ["orders"] })],
      "all: all and daily_… are taken: they stand for the catalog and for declared figures",
    ],
  ])("refuses %j", (metrics, message) => {
    expect(said(...metrics).join("\n")).toBe(message);
  });

  it("is the shipped catalog when there are none", () => {
    expect(ownCatalog([]).metrics.some((metric) => metric.own)).toBe(false);
    expect(() => ownCatalog([own("x", { plus: ["nothing"] })])).toThrow('metric x: there is no metric "nothing"');
  });
});
