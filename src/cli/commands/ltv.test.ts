import { describe, expect, it } from "vitest";
import { isoDate } from "../../base/dates.js";
import { PLAIN_CALENDAR } from "../../metrics/fiscal.js";
import { openWorld } from "../../testing/worlds.js";
import type { Row } from "../../warehouse/types.js";
import type { CommandContext } from "../command.js";
import { createOutput } from "../output.js";
import { command } from "./ltv.js";

type Cells = Readonly<Record<string, string | number | boolean | null>>;

const customer = (customer_id: string, month: string, cells: Row) =>
  ({ ...{ customer_id, cohort_month: `${month}-01` }, ...cells }) as Cells;
const order = (order_id: string, customer_id: string, net_cents: number, order_date = "2026-01-05") =>
  ({ ...{ order_id, customer_id, net_cents, order_date } }) as Cells;

const MODEL = { r: 0.25, alpha_weeks: 4.5, a: 0.75, b: 2.5, value_p: 4, value_q: 5, value_v: 2000 };

/**
 * Chance is 2 (dispersion) + 1/4 (an order's spread), and the model was off by +10 %. All: value 13000, weights 8000^2 / 8 + 3000^2 / 9 +
 * 2000^2 / 4 = 10 million, spread sqrt(2.25 x 10e6 + 1300^2) = 4918.33, times 1.2816 = 6303.1.
 */
const TABLES = {
  dim_channel: [
    { channel_id: "meta", channel_name: "Meta", is_paid: true, sort_order: 1 },
    { channel_id: "google", channel_name: "Google", is_paid: true, sort_order: 2 },
  ],
  dim_customer: [
    customer("a", "2025-12", {
      acquisition_channel_id: "meta",
      p_alive: 0.5,
      expected_orders_12m: 8,
      expected_value_12m_cents: 8000,
    }),
    customer("b", "2025-12", {
      acquisition_channel_id: "google",
      p_alive: 0.75,
      expected_orders_12m: 9,
      expected_value_12m_cents: 3000,
    }),
    customer("c", "2026-01", {
      acquisition_channel_id: "meta",
      p_alive: 1,
      expected_orders_12m: 4,
      expected_value_12m_cents: 2000,
    }),
    customer("d", "2026-01", { acquisition_channel_id: "meta", expectation: "no_order" }),
  ],
  // An order after the last complete day has not come yet.
  fact_orders: [
    order("1", "a", 10000),
    order("2", "b", 5000),
    order("3", "c", 6000),
    order("4", "c", 900, "2026-02-09"),
  ],
  fact_lifetime_models: [
    { basis: "now", horizon_days: 365, customer_count: 300, repeater_count: 120, ...MODEL },
    { basis: "held_out", horizon_days: 60, customer_count: 200, repeater_count: 70, ...MODEL, value_p: null },
  ],
  fact_repeat_holdout: [
    { repeat_count: 0, horizon_days: 60, customer_count: 150, expected_orders: 4, order_count: 5, squared_errors: 8 },
    { repeat_count: 7, horizon_days: 60, customer_count: 50, expected_orders: 6, order_count: 6, squared_errors: 12 },
  ],
} as const;

async function ltv(tables: Readonly<Record<string, readonly Cells[]>>) {
  const world = { as_of: isoDate("2026-02-09"), configured: ["shopify"], coverage: {}, tables };
  const context = {
    flags: {},
    output: createOutput({ talk: () => {}, quiet: true, color: { answer: false, talk: false } }),
    workspaceConfig: async () => ({ shop: { name: "Tiny" }, calendar: PLAIN_CALENDAR }),
    asOf: async () => world.as_of,
    openBuild: async () => ({ database: await openWorld(world) }),
  } as unknown as CommandContext;
  return command.run(context, { positionals: [], options: {} });
}

const rows = (text: string | undefined) => (text ?? "").split("\n").map((line) => line.replace(/ {2,}/g, " | ").trim());

describe("growthos ltv", () => {
  it("tells what is expected by cohort and channel, with bands, and how it did on the days held out", async () => {
    const { text, json } = await ltv(TABLES);
    const head =
      "customers | still buying | net so far | orders to come | value to come | 80 % between | lifetime, each | 80 % between";
    expect(rows(text)).toEqual([
      "Tiny, 12 months after 2026-02-08, USD, UTC",
      `first order | ${head}`,
      "2025-12 | 2 | 1 | $150.00 | 17 | $110.00 | $50.63 … $169.37 | $130.00 | $100.32 … $159.69",
      "2026-01 | 1 | 1 | $60.00 | 4 | $20.00 | $0.61 … $39.39 | $80.00 | $60.61 … $99.39",
      "All | 3 | 2 | $210.00 | 21 | $130.00 | $66.97 … $193.03 | $113.33 | $92.32 … $134.34",
      "",
      `channel of it | ${head}`,
      "Meta | 2 | 2 | $160.00 | 12 | $100.00 | $40.92 … $159.08 | $130.00 | $100.46 … $159.54",
      "Google | 1 | 1 | $50.00 | 9 | $30.00 | $10.40 … $49.60 | $80.00 | $60.40 … $99.60",
      "",
      "came back before | customers | expected of the last 60 days | came",
      "0 | 150 | 4.00 | 5",
      "7 and more | 50 | 6.00 | 6",
      "All | 200 | 10.00 | 11 (+10.0%)",
      "",
      "BG/NBD of all history: r 0.25, alpha 4.5 weeks, a 0.75, b 2.5; 300 customers, 120 of them came back",
      "Gamma-Gamma of all history: p 4, q 5, v 2000 minor units",
      "BG/NBD of the history before the days held out: r 0.25, alpha 4.5 weeks, a 0.75, b 2.5; 200 customers, 70 of them came back",
      "net revenue after returns, neither discounted nor less costs; orders of one day are one",
    ]);
    expect(json).toMatchObject({
      lifetime_value: { status: "ok", total: { expected_value: 13000, band: { low: 6697, high: 19303 } } },
    });
  });

  it("gives no band where nothing could be held out, and says why", async () => {
    const { text } = await ltv({
      ...TABLES,
      fact_repeat_holdout: [],
      fact_lifetime_models: [TABLES.fact_lifetime_models[0], { basis: "held_out", refused_because: "stops_not_seen" }],
    });
    expect(rows(text)[4]).toBe("All | 3 | 2 | $210.00 | 21 | $130.00 | n/a | $113.33 | n/a");
    expect(text).toMatch(/no band: before the days held out: nobody can be told to have stopped buying/);
  });

  it.each([
    ["too_few_customers", {}, "fewer than 100 customers"],
    ["values_alike", { ...MODEL, value_p: null }, "customers cannot be told to spend differently"],
  ])("says no: %s", async (because, model, words) => {
    const refused = because === "values_alike" ? { value_refused_because: because } : { refused_because: because };
    const now = {
      ...{ basis: "now", customer_count: 20, repeater_count: 4 },
      ...model,
      ...refused,
    } as unknown as Cells;
    const { text, exit, json } = await ltv({ fact_lifetime_models: [now] });
    expect(exit).toBe("ok");
    expect(text).toContain(`Nothing is expected: ${words}`);
    expect(json).toMatchObject({ lifetime_value: { status: "refused", because } });
  });

  it("says no to a shop without an order, and to one to which nobody came back with money", async () => {
    expect((await ltv({})).text).toContain("no customer has a counted order on a complete day");
    const now = { basis: "now", customer_count: 200, repeater_count: 40, ...MODEL, value_p: null };
    expect((await ltv({ fact_lifetime_models: [now] })).text).toContain("fewer than 30 customers came back");
  });
});
