import { describe, expect, it } from "vitest";
import type { MetricId, MetricValue, QueryResult } from "../metrics/types.js";
import { FUNNEL_METRICS, funnelBlock } from "./funnel.js";
import { SAMPLE_CONTEXT, sampleFacts } from "./sample-facts.js";
import { spendReturnBlock } from "./spend-return.js";

const facts = { context: SAMPLE_CONTEXT };
const ok = (value: number): MetricValue => ({ status: "ok", value });

function totals(values: Readonly<Record<MetricId, MetricValue>>): QueryResult["totals"] {
  return Object.fromEntries(Object.entries(values).map(([id, value]) => [id, { value }]));
}

const SHOP = {
  sessions: ok(1000),
  product_views: ok(600),
  product_view_rate: ok(0.6),
  add_to_carts: ok(90),
  add_to_cart_rate: ok(0.15),
  checkouts: ok(45),
  checkout_rate: ok(0.5),
  purchases: ok(9),
  purchase_rate: ok(0.2),
};

describe("the funnel", () => {
  it("tags the step that loses the largest share, and says it in title and alt", () => {
    const block = funnelBlock(facts, totals(SHOP));
    expect(block.title).toBe("Largest drop: 15.0% of product views become adds to cart");
    expect(block.alt).toContain("Sessions 1,000, Product views 600, Adds to cart 90, Checkouts 45, Purchases 9.");
    expect(block.steps.filter((step) => step.tag !== undefined).map((step) => step.label)).toEqual(["Adds to cart"]);
    expect(FUNNEL_METRICS).toHaveLength(9);
  });

  it("tags nothing and gives the reason when nothing is known", () => {
    const gone: MetricValue = { status: "unknown", because: "not_configured", detail: "ga4 is not configured" };
    const block = funnelBlock(facts, totals(Object.fromEntries(FUNNEL_METRICS.map((id) => [id, gone]))));
    expect(block.title).toBe("The funnel is not known: ga4 is not configured");
    expect(block.steps.every((step) => step.value === null && step.tag === undefined)).toBe(true);
  });
});

describe("spend and return", () => {
  const { metric } = sampleFacts();
  const row = (key: string, spend: number, revenue: number) => ({
    key,
    label: key,
    values: totals({ spend: ok(spend), net_revenue: ok(revenue), roas: ok(revenue / spend) }),
  });

  it("says who returns most and least, and how many lose", () => {
    const rows = [row("meta", 10_000, 32_000), row("google", 20_000, 15_000), row("email", 0, 5_000)];
    const block = spendReturnBlock({ ...facts, metric }, { rows }, { noun: "channels" });
    expect(block.title).toBe(
      "meta (3.20x) returns most per unit of spend and google (0.75x) least; 1 of 2 channels return less than was spent",
    );
    expect(block.points.map(({ label, x, y }) => [label, x, y])).toEqual([
      ["meta", 100, 320],
      ["google", 200, 150],
    ]);
  });

  it("stands without spend", () => {
    const block = spendReturnBlock({ ...facts, metric }, { rows: [] }, { noun: "campaigns" });
    expect(block.title).toBe("No campaigns with spend and return in these days");
    expect(block.points).toEqual([]);
  });
});
