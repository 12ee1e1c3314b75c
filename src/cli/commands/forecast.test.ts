import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, daysOf, isoDate } from "../../base/dates.js";
import { PLAIN_CALENDAR } from "../../metrics/fiscal.js";
import { openWorld } from "../../testing/worlds.js";
import type { Database } from "../../warehouse/types.js";
import type { CommandArgs, CommandContext } from "../command.js";
import { createOutput } from "../output.js";
import { command } from "./forecast.js";

const LAST = isoDate("2026-02-08");
const DAYS = { from: addDays(LAST, -29), to: LAST };

/** One order of $50.00 on each of 30 days, two on 19 January, which is a holiday in the US alone; most come from there. Nothing is known of ads. */
const WORLD = {
  as_of: isoDate("2026-02-09"),
  configured: ["shopify"],
  coverage: { "shopify.orders": [DAYS] },
  tables: {
    fact_orders: [...daysOf(DAYS), isoDate("2026-01-19")].map((order_date, index) => ({
      ...{ order_id: `${index}`, order_date, country: index < 9 ? "AT" : "US", gross_cents: 5000, net_cents: 5000 },
    })),
  },
};

let database: Database;
beforeAll(async () => {
  database = await openWorld(WORLD);
  await database.run(
    `insert into seeds.holidays values (date '2026-01-19', 'US', 'Martin Luther King Day'), (date '2026-01-20', 'AT', 'Fabian'),
       (date '2026-02-16', 'US', 'Presidents'' Day')`,
  );
});
afterAll(() => database.close());

async function forecast(metrics: readonly string[], options: CommandArgs["options"] = {}) {
  const context = {
    flags: {},
    output: createOutput({ talk: () => {}, quiet: true, color: { answer: false, talk: false } }),
    workspaceConfig: async () => ({
      shop: { name: "Tiny" },
      calendar: PLAIN_CALENDAR,
      targets: [{ metric: "orders", period: "month", value: 20 }],
    }),
    asOf: async () => WORLD.as_of,
    openBuild: async () => ({ database: { ...database, close: async () => {} } }),
  } as unknown as CommandContext;
  return command.run(context, { positionals: metrics, options });
}

const rows = (text: string | undefined) => (text ?? "").split("\n").map((line) => line.replace(/ {2,}/g, " | ").trim());

describe("growthos forecast", () => {
  it("tells what is next, how far off it was, and where the month lands against its target", async () => {
    const { text, exit } = await forecast([]);
    expect(exit).toBe("ok");
    expect(rows(text)).toEqual([
      "Tiny, 30 days after 2026-02-08, USD, UTC",
      "metric | next 30 days | 80 % between | 95 % between | off by, a day | off by, the sum | weekday before",
      "Net revenue | $1,500.00 | $1,500.00 … $1,500.00 | $1,500.00 … $1,500.00 | 0.0% | 0.0% | 0.0%",
      "Orders | 30 | 30 … 30 | 30 … 30 | 0.0% | 0.0% | 0.0%",
      "Ad spend | n/a | n/a | n/a | n/a | n/a | n/a",
      "Sessions | n/a | n/a | n/a | n/a | n/a | n/a",
      "",
      "2026-02 lands at | so far | expected | 80 % between | 95 % between | target | expected less target | told by the band",
      "Net revenue | $400.00 | $1,400.00 | $1,400.00 … $1,400.00 | $1,400.00 … $1,400.00",
      "Orders | 8 | 28 | 28 … 28 | 28 … 28 | 20 | +40.0% | likely met",
      "",
      "Net revenue, Orders: Holt, a trend that runs out, from 29 days, 2026-01-10 … 2026-02-08; asked 1 time for 15 days of its past, the model's own 80 % band held 100.0% of them",
      "Net revenue, Orders: holidays left out: 2026-01-19 Martin Luther King Day",
      "Ad spend n/a: 0 complete days with a value, a forecast needs 14; no source of ad spend is configured",
      "Sessions n/a: 0 complete days with a value, a forecast needs 14; no source of traffic is configured",
    ]);
  });

  it("tells every day of what is named, by an alias too, with the holidays to come", async () => {
    const { text, json } = await forecast(["revenue", "net_revenue"], { days: "8" });
    expect(rows(text).slice(7, -3)).toEqual([
      "Net revenue | expected | 80 % between | 95 % between",
      ...daysOf({ from: isoDate("2026-02-09"), to: isoDate("2026-02-16") }).map(
        (day) =>
          `${day} | $50.00 | $50.00 … $50.00 | $50.00 … $50.00${day === "2026-02-16" ? " | Presidents' Day" : ""}`,
      ),
    ]);
    expect(json).toMatchObject({
      forecasts: [{ metric: { id: "net_revenue" }, sum: { value: 40000 }, left_out: [{ day: "2026-01-19" }] }],
    });
  });

  it.each([
    ["0", "BAD_OPTION"],
    ["91", "BAD_OPTION"],
    ["-5", "BAD_OPTION"],
    ["a week", "BAD_OPTION"],
  ])("refuses %s days", async (days, code) => {
    await expect(forecast(["orders"], { days })).rejects.toMatchObject({ code });
  });

  it.each(["aov", "retention_d30", "cohort_size", "days"])("refuses %s, whose days do not add up", async (metric) => {
    await expect(forecast([metric])).rejects.toThrow(`${metric} cannot be forecast`);
  });

  it("suggests a metric for one that is none", async () => {
    await expect(forecast(["ordrs"])).rejects.toThrow(/did you mean orders/);
  });
});
