import { describe, expect, it } from "vitest";
import { METRICS } from "../../metrics/catalog/index.js";
import { NO_LINEAGE } from "../../transform/lineage.js";
import { sampleFacts } from "../sample-facts.js";
import type { Block, BlockOf, ReportModel } from "../types.js";
import { lineage } from "./lineage.js";
import { metrics } from "./metrics.js";

/** The blocks between the heading of a metric and the next one. */
function passport({ blocks }: ReportModel, id: string): readonly Block[] {
  const from = blocks.findIndex((block) => block.kind === "heading" && block.id === id);
  const rest = blocks.slice(from + 1);
  const to = rest.findIndex((block) => block.kind === "heading");
  return to < 0 ? rest : rest.slice(0, to);
}

const table = (blocks: readonly Block[]) => blocks.find((block): block is BlockOf<"table"> => block.kind === "table");
const codes = (blocks: readonly Block[]) => blocks.filter((block): block is BlockOf<"code"> => block.kind === "code");

describe("metric passports", () => {
  const model = metrics.build(sampleFacts());

  it("are there for every metric of the catalog, each with its statement", () => {
    const headings = model.blocks.flatMap((block) => (block.kind === "heading" ? [block.id] : []));
    expect(headings).toEqual(METRICS.map(({ id }) => id));
    for (const id of headings) expect(codes(passport(model, id))[1]?.text).toMatch(/^with [\s\S]*select cells/);
  });

  it("say formula, direction, target and limits", () => {
    const rows = table(passport(model, "net_revenue"))?.rows.map((row) => row.map(({ text }) => text));
    expect(rows).toContainEqual(["Formula", "gross revenue - discounts - returns"]);
    expect(rows).toContainEqual(["Good news when", "it rises"]);
    expect(rows).toContainEqual(["Target", "$20,000.00 a week"]);
    expect(rows?.find(([what]) => what === "Usual by week")?.[1]).toMatch(
      /^\$[\d,.]+, limits \$[\d,.]+ to \$[\d,.]+, from 26 weeks$/,
    );
    expect(table(passport(model, "orders"))?.rows.map((row) => row.map(({ text }) => text))).toContainEqual([
      "Target",
      "none is configured",
    ]);
  });

  it("prefer the limits that the alerts have recorded", () => {
    const { operations } = sampleFacts();
    const limits = {
      centre: 100_000,
      upper: 130_000,
      lower: 70_000,
      movingRange: 1,
      upperRange: 3,
      points: 17,
      provisional: false,
    };
    const recorded = { metric: "net_revenue", segment: sampleFacts().context.asOf, limits };
    const own = metrics.build(
      sampleFacts({ operations: { ...operations, alerts: { ...operations.alerts, limits: [recorded] } } }),
    );
    const rows = table(passport(own, "net_revenue"))?.rows.map((row) => row.map(({ text }) => text));
    expect(rows).toContainEqual(["Usual by week", "$1,000.00, limits $700.00 to $1,300.00, from 17 weeks"]);
  });

  it("trace a metric to the fields of the streams that landed, and to no others", () => {
    expect(codes(passport(model, "orders"))[0]?.text).toBe(
      ["orders", "  fact_orders: rows where is_counted", "    shopify.orders", "      id"].join("\n"),
    );
    const without = metrics.build(sampleFacts({ lineage: NO_LINEAGE }));
    expect(codes(passport(without, "orders"))[0]?.text).toContain("nothing of it has landed");
  });
});

describe("the lineage", () => {
  it("goes from streams over relations to metrics with links", () => {
    const { blocks } = lineage.build(sampleFacts());
    const tables = blocks.filter((block): block is BlockOf<"table"> => block.kind === "table");
    expect(blocks[0]).toMatchObject({
      paragraphs: [
        `4 streams landed; 3 staging relations turn them into typed rows, and 2 marts feed ${METRICS.length} metrics.`,
      ],
    });
    expect(tables[0]?.rows.find(([stream]) => stream?.text === "shopify.orders")?.map(({ text }) => text)).toEqual([
      "shopify.orders",
      "5,413",
      "2026-02-08",
      "stg_shopify__orders",
    ]);
    expect(tables[0]?.note).toBe("1 more stream can be read and has not landed.");
    const mer = tables.at(-1)?.rows.find(([metric]) => metric?.text === "Marketing efficiency ratio");
    expect(mer?.[0]?.link).toEqual({ page: "metrics", anchor: "mer" });
    expect(mer?.slice(1).map(({ text }) => text)).toEqual([
      "fact_orders, fact_refunds and fact_spend",
      "meta_ads.insights and shopify.orders",
    ]);
  });

  it("says when the SQL was not read", () => {
    const { blocks } = lineage.build(sampleFacts({ lineage: NO_LINEAGE }));
    expect(blocks).toEqual([{ kind: "prose", paragraphs: ["The SQL was not read for this report."], lead: true }]);
  });
});
