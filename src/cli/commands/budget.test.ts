import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, type ISODate, isoDate } from "../../base/dates.js";
import { PLAIN_CALENDAR } from "../../metrics/fiscal.js";
import { openWorld } from "../../testing/worlds.js";
import type { Database } from "../../warehouse/types.js";
import type { CommandArgs, CommandContext } from "../command.js";
import { createOutput } from "../output.js";
import { command } from "./budget.js";

const LAST = isoDate("2026-02-08");
const EVER = [{ from: isoDate("2025-08-01"), to: LAST }];

/** `count` orders of new customers on a day, each $100.00 net of which $60.00 are left. */
const orders = (day: ISODate, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...{
      order_id: `${day}-${index}`,
      customer_id: `${day}-${index}`,
      order_date: day,
      is_new_customer: true,
      currency: "USD",
    },
    ...{ gross_cents: 10000, net_cents: 10000, contribution_cents: 6000 },
  }));

/** $100.00 won 4 customers in the 30 days before, $200.00 won 10 in the last 30: CAC 25, then 20. */
const WORLD = {
  as_of: isoDate("2026-02-09"),
  configured: ["shopify", "meta_ads"],
  coverage: { "shopify.orders": EVER, "meta_ads.insights": EVER },
  tables: {
    fact_orders: [...orders(LAST, 10), ...orders(addDays(LAST, -40), 4)],
    fact_spend: [
      { spend_date: LAST, source: "meta_ads", spend_cents: 20000 },
      { spend_date: addDays(LAST, -40), source: "meta_ads", spend_cents: 10000 },
    ],
    cohorts: [{ cohort_month: isoDate("2025-09-01"), cohort_size: 8, retained_30d: 2, matured_30d: 8 }],
  },
};

let database: Database;
beforeAll(async () => {
  database = await openWorld(WORLD);
});
afterAll(() => database.close());

async function budget(options: CommandArgs["options"], db?: Database) {
  const context = {
    flags: {},
    output: createOutput({ talk: () => {}, quiet: true, color: { answer: false, talk: false } }),
    workspaceConfig: async () => ({ shop: { name: "Tiny", currency: "USD" }, calendar: PLAIN_CALENDAR }),
    asOf: async () => WORLD.as_of,
    openBuild: async () => ({ database: { ...(db ?? database), close: async () => {} } }),
  } as unknown as CommandContext;
  return command.run(context, { positionals: [], options });
}

const rows = (text: string | undefined) => (text ?? "").split("\n").map((line) => line.replace(/ {2,}/g, " | ").trim());

describe("growthos budget", () => {
  it("reads the shop's own assumptions, and says how its last month was foretold", async () => {
    const { text, exit, json } = await budget({ months: "2" });
    expect(exit).toBe("ok");
    // 8 were to be expected of $200 at $25, 10 came: +25 %. CAC x e^(1.2816 x sqrt(1/10 + 1/16)) = 20 x 1.6763, and divided by it.
    expect(rows(text).slice(0, 11)).toEqual([
      "Tiny, 30 days up to 2026-02-08, USD, UTC",
      "assumption",
      "ad spend a month | $200.00 | read",
      "CAC | $20.00 | read",
      "net revenue an order | $100.00 | read",
      "costs of an order | 40.0% | read",
      "earlier customers who order in a month | 25.0% | read",
      "",
      "2 months | cautious | expected | hopeful",
      "CAC | $33.53 | $20.00 | $11.93",
      "new customers | 12 | 20 | 34",
    ]);
    expect(text).toContain("8 new customers were to be expected, 10 came (+25.0%)");
    // Orders 10 and 12.5 at $60 less $200: 400 + 550.
    expect(json).toMatchObject({
      budget: { scenarios: [{}, { course: { contribution: 95000, break_even: 1 }, safe: 5 }, {}] },
    });
  });

  it("takes what is given, and is the same thrice where the CAC is", async () => {
    const { text, json } = await budget({
      spend: "10000",
      cac: "50",
      orderValue: "100",
      costShare: "0.4",
      repeat: "0",
      months: "3",
    });
    expect(json).toMatchObject({
      budget: { cac_spread: null, scenarios: [{}, { course: { contribution: 600000, roas: 2 } }, {}] },
    });
    expect(rows(text)).toContain("left after costs and ads | $6,000.00 | $6,000.00 | $6,000.00");
    expect(text).toContain("CAC was given, so the scenarios are alike");
  });

  it("names what is not known, and how to give it", async () => {
    const empty = await openWorld({ ...WORLD, configured: [], coverage: {}, tables: {} });
    const { text, json } = await budget({ spend: "100" }, empty);
    await empty.close();
    expect(text).toContain(
      "CAC n/a: no source of ad spend is configured; no source of orders is configured; --cac gives it",
    );
    expect(text).not.toContain("--spend gives it");
    expect(json).toMatchObject({ budget: { status: "unknown" } });
  });

  it.each([
    ["spend", "-4"],
    ["spend", "1e9"],
    ["cac", "0"],
    ["costShare", "1.5"],
    ["repeat", "a third"],
    ["months", "2.5"],
    ["months", "37"],
    ["rise", ""],
  ])("refuses --%s %j", async (name, value) => {
    await expect(budget({ [name]: value })).rejects.toMatchObject({ code: "BAD_OPTION" });
  });
});
