import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, isoDate } from "../base/dates.js";
import { aliveProbability, expectedRepeats, fitBgNbd } from "../stats/bg-nbd.js";
import { expectedValue, fitGammaGamma } from "../stats/gamma-gamma.js";
import { uniformNumbers } from "../stats/uniform-numbers.js";
import { type Bench, openBench, SETTINGS } from "../testing/evaluate.js";
import { drawnShoppers } from "../testing/shoppers.js";
import type { Row } from "../warehouse/types.js";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** Drawn customers as `int_customers__recurring` has them, in whole days. */
const uniform = uniformNumbers(7);
const CUSTOMERS = drawnShoppers(900, { alpha: 6, weeks: 40, later: 0 }).map(({ repeats, recency, age }, index) => {
  const mean = 2000 + 6000 * uniform();
  return {
    customer_id: `c${index}`,
    horizon_days: 365,
    repeat_count: repeats,
    recency_days: Math.floor(recency * 7),
    age_days: Math.floor(age * 7),
    repeat_cents: Array.from({ length: repeats }, () => Math.round(mean * (0.3 + 1.4 * uniform()))).reduce(
      (a, b) => a + b,
      0,
    ),
    later_count: 0,
  };
});
const based = (basis: string) => CUSTOMERS.map((row) => ({ basis, ...row }));
const of = (row: Row, name: string) => Number(row[name]);

describe("what is expected of customers", () => {
  it("is what the models of stats say of each", async () => {
    const rows = await bench.rowsOf("int_customers__expected", { int_customers__recurring: based("now") });
    const seen = CUSTOMERS.map((row) => ({
      repeats: row.repeat_count,
      recency: row.recency_days / 7,
      age: row.age_days / 7,
      customers: 1,
      mean: row.repeat_count === 0 ? 0 : row.repeat_cents / row.repeat_count,
    }));
    const [orders, values] = [
      fitBgNbd(seen),
      fitGammaGamma(seen.filter(({ repeats }) => repeats > 0).map((one) => ({ ...one, mean: one.mean / 100 }))),
    ];
    if (orders.status !== "ok" || values.status !== "ok") throw new Error("refused");
    const byId = new Map(rows.map((row) => [String(row["customer_id"]), row]));
    for (const [index, one] of seen.entries()) {
      const row = byId.get(`c${index}`) ?? {};
      expect(row["expectation"]).toBe("modelled");
      expect(of(row, "p_alive")).toBeCloseTo(aliveProbability(orders.model, one), 4);
      const expected = expectedRepeats(orders.model, one, 365 / 7);
      expect(of(row, "expected_orders_12m")).toBeCloseTo(expected, 3);
      // Amounts are fitted in classes of one percent.
      const value = expected * 100 * expectedValue(values.model, { ...one, mean: one.mean / 100 });
      expect(Math.abs(of(row, "expected_value_12m_cents") - value)).toBeLessThan(1 + 0.005 * value);
    }
  });

  it("is nothing where a model is refused, each basis by itself, with its name", async () => {
    const few = [...based("now"), ...based("held_out").slice(0, 99)];
    const [before, now] = await bench.rowsOf("fact_lifetime_models", { int_customers__recurring: few });
    expect([before?.["refused_because"], before?.["r"]]).toEqual(["too_few_customers", null]);
    expect([now?.["refused_because"], now?.["value_refused_because"], of(now ?? {}, "r") > 0]).toEqual([
      null,
      null,
      true,
    ]);
    const alike = CUSTOMERS.map((row) => ({ ...row, basis: "now", repeat_cents: 5000 * row.repeat_count }));
    const rows = await bench.rowsOf("int_customers__expected", { int_customers__recurring: alike });
    const [first] = rows;
    expect([first?.["expectation"], first?.["expected_value_12m_cents"]]).toEqual(["values_alike", null]);
    expect(of(first ?? {}, "expected_orders_12m")).toBeGreaterThan(0);
    expect(await bench.rowsOf("fact_lifetime_models", {})).toEqual([]);
  });
});

describe("customers who came back", () => {
  const order = (customer: string, day: string) => ({
    ...{ order_id: `${customer}${day}`, source: "shopify", order_name: "#1", processed_at: `${day}T12:00:00Z` },
    ...{ email_hash: customer, currency: "USD", financial_status: "paid", is_test: false, is_cancelled: false },
    ...{ gross_cents: 1000, discount_cents: 0, tax_cents: 0, shipping_cents: 0, tip_cents: 0, duties_cents: 0 },
    ...{ total_cents: 1000, refund_total_cents: 0 },
  });

  it("are told by the last complete day, and by the day before the third of the history that is held out", async () => {
    // 90 days from 2025-11-11 to the as-of day 2026-02-09: 30 are held out, from 2026-01-10 on.
    const days = ["2025-11-11", "2025-12-11", "2026-01-09", "2026-01-10", "2026-02-08"];
    const rows = await bench.rowsOf("int_customers__recurring", {
      stg_orders: [...days.map((day) => order("a", day)), order("b", "2026-01-10"), order("c", "2026-02-09")],
    });
    const told = rows.map((row) =>
      [
        "basis",
        "customer_id",
        "horizon_days",
        "repeat_count",
        "recency_days",
        "age_days",
        "repeat_cents",
        "later_count",
      ].map((name) => row[name]),
    );
    expect(told).toEqual([
      ["held_out", "a", 30, 2, 59, 59, 2000, 2],
      ["now", "a", 365, 4, 89, 89, 4000, 0],
      ["now", "b", 365, 0, 0, 29, 0, 0],
    ]);
  });

  it("hold out half a year at most", async () => {
    const first = addDays(SETTINGS.asOf, -1000);
    const rows = await bench.rowsOf("int_customers__recurring", {
      stg_orders: [order("a", first), order("a", isoDate("2026-02-01"))],
    });
    expect(rows[0]).toMatchObject({ basis: "held_out", horizon_days: 182, age_days: 817, later_count: 1 });
  });
});
