import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { CATALOG } from "./catalog/index.js";
import { hasShares, ratioOf, sharesIn, shareValue, wholeOf } from "./shares.js";
import type { MetricValue, SemanticQuery } from "./types.js";

const ok = (value: number): MetricValue => ({ status: "ok", value });
const missing: MetricValue = { status: "unknown", because: "days_missing", detail: "ga4" };
const window = { from: isoDate("2026-02-01"), to: isoDate("2026-02-07") };
const query = (more: Partial<SemanticQuery> = {}): SemanticQuery => ({ metrics: ["spend"], window, ...more });

describe("shares", () => {
  it("are the part over the whole, unknown with either, and none of nothing or less", () => {
    expect(shareValue(ok(25), ok(100))).toEqual(ok(0.25));
    expect(shareValue(missing, ok(100))).toEqual(missing);
    expect(shareValue(ok(25), missing)).toEqual(missing);
    for (const whole of [0, -100]) expect(shareValue(ok(25), ok(whole))).toMatchObject({ status: "undefined" });
    const part = { spend: { value: ok(30), previous: ok(10) } };
    const whole = { spend: { value: ok(40), previous: ok(40) } };
    expect(sharesIn(["spend"], part, whole)).toEqual([
      { metric: "spend", part: part.spend, whole: whole.spend, share: { value: ok(0.75), previous: ok(0.25) } },
    ]);
  });

  it("are of the same question without what makes the part", () => {
    const meta = { field: "channel", operator: "=", value: "meta" } as const;
    const german = { field: "country", operator: "=", value: "DE" } as const;
    const asked = query({ breakdown: "channel", limit: 3, filters: [meta, german], compare: { kind: "previous" } });
    expect(wholeOf(asked, "channel")).toEqual(query({ filters: [german], compare: { kind: "previous" } }));
    expect(wholeOf(query({ filters: [meta] }), "channel")).toEqual(query());
  });

  it("are there for what adds up over the rows that are asked for", () => {
    const has = (id: string, more: Partial<SemanticQuery> = {}) => hasShares(id, query(more), CATALOG);
    expect([has("spend"), has("net_revenue"), has("contribution_margin")]).toEqual([true, true, true]);
    expect([has("roas"), has("aov"), has("customers")]).toEqual([false, false, false]);
    // An order is in the rows of several products.
    expect([has("orders", { breakdown: "channel" }), has("orders", { breakdown: "product" })]).toEqual([true, false]);
  });

  it("of one figure in another are metrics, where the catalog has them", () => {
    expect(ratioOf("spend", "net_revenue", CATALOG)).toBe("ad_cost_ratio");
    expect(ratioOf("net_revenue", "spend", CATALOG)).toBeNull();
  });
});
