import { describe, expect, it } from "vitest";
import { CATALOG } from "./catalog/index.js";
import { groupShares, metricsToExplain } from "./contribution.js";
import { metricsForMoney, moneyOfChange } from "./impact.js";
import type { Compared, QueryResult } from "./types.js";

const both = (value: number, previous: number): Compared => ({
  value: { status: "ok", value },
  previous: { status: "ok", value: previous },
  ...(previous === 0 ? {} : { change: { status: "ok", value: (value - previous) / Math.abs(previous) } }),
});
const GONE: Compared = { value: { status: "unknown", because: "days_missing", detail: "a gap" } };

type Values = QueryResult["totals"];
function answer(totals: Values, rows: Readonly<Record<string, Values>>): QueryResult {
  const list = Object.entries(rows).map(([key, values]) => ({ key, label: key.toUpperCase(), values }));
  return { totals, rows: list, series: [], sql: [] } as unknown as QueryResult;
}
const shares = (result: QueryResult, id: string, scale = 1) =>
  groupShares(result, id, { catalog: CATALOG, scale })?.map(({ key, share }) => [key, Number(share.toFixed(6))]);

describe("whose change it was", () => {
  it("of a sum: each group's own change", () => {
    // 100 fell to 80: a lost 30, b won 10.
    const result = answer({ orders: both(80, 100) }, { a: { orders: both(30, 60) }, b: { orders: both(50, 40) } });
    expect(shares(result, "orders")).toEqual([
      ["a", 1.5],
      ["b", -0.5],
    ]);
  });

  it("of a ratio: how much more a group has than it deserves at the old ratio", () => {
    // CAC 100 (10,000 / 100) became 150 (15,000 / 100). a spent 5,000 more for as many customers: all of it is a's.
    const result = answer(
      { spend: both(15_000, 10_000), new_customers: both(100, 100) },
      {
        a: { spend: both(10_000, 5000), new_customers: both(50, 50) },
        b: { spend: both(5000, 5000), new_customers: both(50, 50) },
      },
    );
    expect(shares(result, "blended_cac")).toEqual([
      ["a", 1],
      ["b", 0],
    ]);
    // CAC 100 became 200 although spend stayed: b brings nobody any more.
    const lost = answer(
      { spend: both(10_000, 10_000), new_customers: both(50, 100) },
      {
        a: { spend: both(5000, 5000), new_customers: both(50, 50) },
        b: { spend: both(5000, 5000), new_customers: both(0, 50) },
      },
    );
    // a: (5000 − 100·50)/50 − 0 = 0; b: 5000/50 − 0 = 100: all of the change of 100.
    expect(shares(lost, "blended_cac")).toEqual([
      ["b", 1],
      ["a", 0],
    ]);
  });

  it("a longer comparison is brought to the window's length", () => {
    const result = answer({ orders: both(80, 400) }, { a: { orders: both(30, 240) }, b: { orders: both(50, 160) } });
    expect(shares(result, "orders", 1 / 4)).toEqual([
      ["a", 1.5],
      ["b", -0.5],
    ]);
  });

  it.each<readonly [string, Values, Readonly<Record<string, Values>>]>([
    ["nothing changed", { orders: both(5, 5) }, { a: { orders: both(5, 5) } }],
    ["the groups do not add up", { orders: both(5, 4) }, { a: { orders: both(5, 3) } }],
    ["a group is unknown", { orders: both(5, 4) }, { a: { orders: GONE } }],
    ["the total is unknown", { orders: GONE }, { a: { orders: both(5, 4) } }],
  ])("nobody is named when %s", (_name, totals, rows) => {
    expect(groupShares(answer(totals, rows), "orders", { catalog: CATALOG })).toBeNull();
  });

  it("of a ratio over nothing nobody is named", () => {
    const none = { spend: both(5, 5), new_customers: both(0, 1) };
    expect(groupShares(answer(none, { a: none }), "blended_cac", { catalog: CATALOG })).toBeNull();
  });

  it("knows what to ask", () => {
    expect(metricsToExplain("blended_cac", CATALOG)).toEqual(["spend", "new_customers"]);
    expect(metricsToExplain("orders", CATALOG)).toEqual(["orders"]);
    expect(metricsToExplain("retention_d30", CATALOG)).toBeNull();
  });
});

describe("what a change is worth", () => {
  const money = (id: string, values: Values) => moneyOfChange(CATALOG.get(id), values);

  it.each<readonly [string, Values, number]>([
    ["net_revenue", { net_revenue: both(9000, 10_000) }, -1000],
    ["returns", { returns: both(900, 500) }, -400],
    ["spend", { spend: both(900, 500) }, -400],
    // 20 % fewer sessions, of 10,000 before.
    ["sessions", { sessions: both(80, 100), net_revenue: both(7000, 10_000) }, -2000],
    // 10.00 dearer, 30 customers.
    ["blended_cac", { blended_cac: both(5000, 4000), new_customers: both(30, 40) }, -30_000],
    ["mer", { mer: both(4, 5), spend: both(10_000, 8000) }, -10_000],
    ["refund_rate", { refund_rate: both(0.05, 0.15), net_order_revenue: both(1000, 2000) }, 100],
  ])("%s", (id, values, expected) => {
    expect(money(id, values)).toBe(expected);
  });

  it("nothing without a price, a comparison or a factor", () => {
    expect(money("ctr", { ctr: both(1, 2) })).toBeNull();
    expect(money("sessions", { sessions: both(80, 100) })).toBeNull();
    expect(money("mer", { mer: both(4, 5) })).toBeNull();
    expect(money("net_revenue", { net_revenue: GONE })).toBeNull();
    expect(metricsForMoney("mer")).toEqual(["spend"]);
    expect(metricsForMoney("ctr")).toEqual([]);
  });
});
