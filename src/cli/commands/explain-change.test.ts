import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Calendar, type ISODate, isoDate } from "../../base/dates.js";
import { openWorld } from "../../testing/worlds.js";
import { diskFiles } from "../../warehouse/disk.js";
import type { Database } from "../../warehouse/types.js";
import type { CommandArgs, CommandContext } from "../command.js";
import { createOutput } from "../output.js";
import { command } from "./explain.js";

/**
 * The calendar of US retail: 4-5-4, weeks end on Saturday, the year on the one nearest to 31 January, named by where it begins.
 * FY2025 is 2025-02-02 … 2026-01-31, its last month 2026-01-04 … 2026-01-31; FY2023 had a week 53, until 2024-02-03.
 */
const RETAIL: Calendar = {
  weekEndsOn: 6,
  fiscalYearEndMonth: 1,
  periods: "4-5-4",
  lastWeek: "nearest",
  yearNamedBy: "start",
  holidays: {},
};

const order = (order_id: string, order_date: string, channel_id: string, gross_cents: number) => ({
  ...{ order_id, order_date, channel_id, gross_cents },
});
const EVER = [{ from: isoDate("2023-01-01"), to: isoDate("2026-02-08") }];
const WORLD = {
  as_of: isoDate("2026-02-09"),
  calendar: RETAIL,
  configured: ["shopify"],
  coverage: { "shopify.orders": EVER, "ga4.traffic_days": EVER },
  tables: {
    fact_orders: [
      order("1", "2025-01-05", "meta", 700), // first day of the last month of FY2024
      order("2", "2025-02-01", "google", 300), // its last day
      order("3", "2026-01-03", "meta", 9000), // the day before the last month of FY2025
      order("4", "2026-01-04", "meta", 1000), // its first day
      order("5", "2026-01-31", "google", 500), // its last day
      order("6", "2026-02-01", "meta", 8000), // FY2026
      order("7", "2026-02-08", "meta", 40),
    ],
    dim_channel: [
      { channel_id: "meta", channel_name: "Meta", is_paid: true, sort_order: 1 },
      { channel_id: "google", channel_name: "Google", is_paid: true, sort_order: 2 },
    ],
  },
};

const talk: string[] = [];
let asOf: ISODate | undefined;

// One build for all questions: the command closes what it was given.
let shared: Database;
beforeAll(async () => {
  shared = await openWorld(WORLD);
});
afterAll(() => shared.close());

async function explain(metric: string, options: CommandArgs["options"], other?: Parameters<typeof openWorld>[0]) {
  talk.length = 0;
  const context = {
    flags: { asOf },
    effects: { files: diskFiles },
    packageFolder: fileURLToPath(new URL("../../..", import.meta.url)),
    output: createOutput({ talk: (text) => talk.push(text), quiet: false, color: { answer: false, talk: false } }),
    workspaceConfig: async () => ({ shop: { name: "Tiny" }, calendar: RETAIL }),
    asOf: async () => WORLD.as_of,
    openBuild: async () => ({
      database: other === undefined ? { ...shared, close: async () => {} } : await openWorld(other),
    }),
  } as unknown as CommandContext;
  return command.run(context, { positionals: [metric], options });
}

const rows = (text: string | undefined) => (text ?? "").split("\n").map((line) => line.replace(/ {2,}/g, " | ").trim());

describe("growthos explain --window", () => {
  it("tells a change by formula, funnel and segments, each table adding up to it", async () => {
    const { text, exit } = await explain("net_order_revenue", { window: "2026-01-31..2026-02-01", by: "channel" });
    expect(exit).toBe("ok");
    // 500 + 8000 against nothing on the 29th and 30th.
    expect(rows(text)).toEqual([
      "Net order revenue (net_order_revenue), 2026-01-31 … 2026-02-01",
      "$0.00 in 2026-01-29 … 2026-01-30, $85.00 now: +$85.00 (n/a)",
      "",
      "Net order revenue = gross revenue - discounts | effect",
      "Gross revenue | +$85.00",
      "Discounts | $0.00",
      "Change | +$85.00",
      "",
      "by channel, volume is units | volume | mix | price | effect",
      "Meta | +$80.00 | $0.00 | $0.00 | +$80.00",
      "Google | +$5.00 | $0.00 | $0.00 | +$5.00",
      "Change | +$85.00 | $0.00 | $0.00 | +$85.00",
      "",
      "unknown: not told by Sessions x Conversion rate x Average order value: Conversion rate of the window: no sessions; Conversion rate before: no sessions; Average order value before: no orders",
    ]);
  });

  it("takes months, years and places from the fiscal calendar", async () => {
    const told = async (window: string, compare?: string) =>
      (await explain("net_order_revenue", { window, ...(compare === undefined ? {} : { compare }) })).json;
    expect(await told("last month")).toMatchObject({
      window: { from: "2026-01-04", to: "2026-01-31" },
      before: { from: "2025-12-07", to: "2026-01-03" },
      change: 1500 - 9000,
    });
    expect(await told("FY2025 P12", "fiscal")).toMatchObject({
      window: { from: "2026-01-04", to: "2026-01-31" },
      before: { from: "2025-01-05", to: "2025-02-01" },
      compared: { value: { value: 1500 }, previous: { value: 1000 } },
      change: 500,
    });
    // The year and its first month began on 1 February; last week ended on Saturday the 7th.
    expect(await told("ytd")).toMatchObject({ window: { from: "2026-02-01", to: "2026-02-08" } });
    expect(await told("last week", "year")).toMatchObject({
      window: { from: "2026-02-01", to: "2026-02-07" },
      before: { from: "2025-02-02", to: "2025-02-08" },
      change: 8000,
    });
  });

  it("says so where a week 53 is compared with another", async () => {
    await explain("orders", { window: "FY2023 W53", compare: "fiscal" });
    expect(talk.join("")).toContain("the year before has no week 53; compared with the same weekdays 364 days earlier");
    await explain("orders", { window: "last week", compare: "fiscal" });
    expect(talk).toEqual([]);
  });

  it("says what is unknown instead of explaining it", async () => {
    const gone = {
      ...WORLD,
      coverage: { ...WORLD.coverage, "shopify.orders": [{ ...EVER[0], to: isoDate("2026-02-06") }] },
    };
    const { text, json } = await explain("orders", { window: "7d" }, gone as typeof WORLD);
    expect(rows(text).slice(1)).toEqual([
      "2 in 2026-01-26 … 2026-02-01, n/a now: n/a",
      "",
      "unknown: Orders of the window: shopify: 2026-02-07 … 2026-02-08",
    ]);
    expect(json).toMatchObject({ splits: [], segments: [] });
  });

  it("refuses figures that rest on customers' ages for a day before the build's", async () => {
    asOf = isoDate("2026-02-01");
    try {
      const stale = expect.objectContaining({ code: "STALE_BUILD" });
      await expect(explain("retention_d30", { window: "month" })).rejects.toThrow(stale);
      expect((await explain("orders", { window: "7d" })).exit).toBe("ok");
    } finally {
      asOf = undefined;
    }
  });

  it("refuses windows, comparisons and breakdowns that are none", async () => {
    const refused = (code: string) => expect.objectContaining({ code });
    await expect(explain("orders", { window: "FY2025 P13" })).rejects.toThrow(refused("BAD_WINDOW"));
    await expect(explain("orders", { window: "7d", compare: "never" })).rejects.toThrow(refused("BAD_OPTION"));
    await expect(explain("orders", { window: "7d", by: "chanel" })).rejects.toThrow(/did you mean channel/);
    await expect(explain("ordrs", { window: "7d" })).rejects.toThrow(/did you mean orders/);
    await expect(explain("orders", { by: "channel" })).rejects.toThrow(refused("BAD_OPTION"));
  });

  it("asks a definition's statement for days that are over, of cohorts for a whole calendar month", async () => {
    const days = async (metric: string) => /\nSQL for (.*)\n/.exec((await explain(metric, {})).text ?? "")?.[1];
    expect(await days("orders")).toBe("2026-02-02 … 2026-02-08");
    expect(await days("ltv_90")).toBe("2026-01-01 … 2026-01-31");
  });
});
