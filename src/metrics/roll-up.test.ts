import { describe, expect, it } from "vitest";
import { CATALOG } from "./catalog/index.js";
import { ROLLED, rollUp } from "./roll-up.js";
import type { MetricValue } from "./types.js";

const ok = (value: number, provisional = false): MetricValue => ({
  status: "ok",
  value,
  ...(provisional ? { provisional } : {}),
});
const late: MetricValue = { status: "unknown", because: "days_missing", detail: "Sun missing" };
const values = (spend: MetricValue, revenue: MetricValue, orders: MetricValue) => ({
  spend,
  net_revenue: revenue,
  mer: ok(99),
  orders,
  new_customers: ok(1),
});

describe("the figures of several workspaces", () => {
  it("are added, and divided after adding", () => {
    const total = rollUp(
      [
        { workspace: "acme", values: values(ok(10_000), ok(40_000, true), ok(20)) },
        { workspace: "beta", values: values(ok(30_000), ok(60_000), ok(5)) },
      ],
      ROLLED,
      CATALOG,
    );
    // 100,000 / 40,000 = 2.5, not the mean of 4 and 2; and never the ratios that came along.
    expect(total).toEqual({
      spend: { value: ok(40_000), without: [] },
      net_revenue: { value: ok(100_000, true), without: [] },
      mer: { value: ok(2.5, true), without: [] },
      orders: { value: ok(25), without: [] },
      new_customers: { value: ok(2), without: [] },
    });
  });

  it("leave out by name what is not known, on both sides of a ratio", () => {
    const total = rollUp(
      [
        { workspace: "acme", values: values(ok(10_000), ok(40_000), ok(20)) },
        { workspace: "beta", values: values(late, ok(60_000), ok(5)) },
        { workspace: "gamma", values: {} },
      ],
      ROLLED,
      CATALOG,
    );
    expect(total["spend"]).toEqual({ value: ok(10_000), without: ["beta", "gamma"] });
    expect(total["net_revenue"]).toEqual({ value: ok(100_000), without: ["gamma"] });
    // beta's revenue has no spend to stand over: 40,000 / 10,000.
    expect(total["mer"]).toEqual({ value: ok(4), without: ["beta", "gamma"] });
  });

  it("are unknown when nothing is known, and undefined when nothing was spent", () => {
    const unknown = rollUp([{ workspace: "acme", values: { spend: late } }], ["spend", "mer"], CATALOG);
    const detail = "not known of acme";
    expect(unknown["spend"]?.value).toEqual({ status: "unknown", because: "no_data", detail });
    expect(unknown["mer"]?.value).toMatchObject({ status: "unknown" });
    const free = rollUp([{ workspace: "acme", values: values(ok(0), ok(5), ok(1)) }], ["mer"], CATALOG);
    expect(free["mer"]?.value).toMatchObject({ status: "undefined", because: "zero_denominator" });
    expect(rollUp([], ["spend"], CATALOG)["spend"]?.value).toMatchObject({ detail: "there is no workspace" });
  });

  it("are not rolled up where adding means nothing", () => {
    expect(() => rollUp([], ["net_revenue_slope"], CATALOG)).toThrow("cannot be rolled up");
  });
});
