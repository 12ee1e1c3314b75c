import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import type { Model } from "../transform/types.js";
import { explainMetric } from "./explain.js";

function model(relation: string, layer: Model["layer"], reads: readonly string[], sql: string): Model {
  // Only what an explanation reads; the parser fills the rest.
  return { relation, layer, path: `${layer}/${relation}.sql`, reads, sql } as Model;
}

const MODELS = [
  model(
    "fact_orders",
    "marts",
    ["stg_orders"],
    "-- Orders.\n-- order_id, gross_cents\nselect\n  order_id,\n  o.gross_cents,\n  is_ok as is_counted,\nfrom stg_orders as o",
  ),
  model(
    "fact_refunds",
    "marts",
    ["stg_refunds"],
    "-- Refunds.\nselect\n  refund_cents,\n  is_counted,\nfrom stg_refunds",
  ),
  model("stg_orders", "staging", ["stg_shopify__orders"], "-- Every source's orders.\nselect 1"),
  model("stg_refunds", "staging", ["stg_shopify__orders"], "-- Every source's refunds.\nselect 1"),
  model("stg_shopify__orders", "source_staging", ["raw.shopify__orders"], "-- Shopify.\nselect 1"),
  model("fact_spend", "marts", ["raw.meta_ads__insights"], "-- Not asked for.\nselect 1"),
];

const OPTIONS = {
  models: MODELS,
  lastCompleteDay: isoDate("2026-02-08"),
  weekEndsOn: 7,
  coverage: {
    configured: ["shopify"],
    streams: [
      {
        name: "shopify.orders",
        days: [{ from: isoDate("2025-08-13"), to: isoDate("2026-02-08") }],
        lastLoadedAt: "2026-02-09T06:00:00.000Z",
      },
    ],
  },
};

describe("explainMetric", () => {
  const explained = explainMetric("revenueNet", OPTIONS);

  it("walks from the formula to its leaves", () => {
    expect(explained.metric.id).toBe("net_revenue");
    expect(explained.formulas.map(({ id, depth, reads }) => [depth, id, reads])).toEqual([
      [0, "net_revenue", null],
      [1, "gross_revenue", "fact_orders.gross_cents where is_counted"],
      [1, "discounts", "fact_orders.discount_cents where is_counted"],
      [1, "returns", "fact_refunds.refund_cents where is_counted"],
    ]);
  });

  it("names file and line of every column, in the final select", () => {
    expect(explained.columns).toContainEqual({
      relation: "fact_orders",
      column: "gross_cents",
      place: "sql/marts/fact_orders.sql:5",
    });
    expect(explained.columns).toContainEqual({
      relation: "fact_orders",
      column: "is_counted",
      place: "sql/marts/fact_orders.sql:6",
    });
    expect(explained.columns).toContainEqual({
      relation: "fact_refunds",
      column: "refund_cents",
      place: "sql/marts/fact_refunds.sql:3",
    });
  });

  it("walks the graph down to the raw streams, and nothing beside it", () => {
    expect(explained.models.map(({ relation }) => relation)).toEqual([
      "fact_orders",
      "fact_refunds",
      "stg_orders",
      "stg_refunds",
      "stg_shopify__orders",
    ]);
    expect(explained.streams).toEqual([
      { name: "shopify.orders", lastLoadedAt: "2026-02-09T06:00:00.000Z", covered: "2025-08-13 … 2026-02-08" },
    ]);
  });

  it("shows the statement for the last seven complete days", () => {
    expect(explained.sql).toContain("between date '2026-02-02' and date '2026-02-08'");
  });

  it("works before the first build", () => {
    const early = explainMetric("orders", { ...OPTIONS, coverage: null });
    expect(early.streams).toEqual([{ name: "shopify.orders", lastLoadedAt: null, covered: null }]);
  });

  it("names the nearest metric for a typo", () => {
    expect(() => explainMetric("net_revenu", OPTIONS)).toThrow(expect.objectContaining({ code: "UNKNOWN_METRIC" }));
    expect(() => explainMetric("net_revenu", OPTIONS)).toThrow(
      expect.objectContaining({
        parts: expect.objectContaining({ hint: expect.stringContaining("did you mean net_revenue?") }),
      }),
    );
  });
});
