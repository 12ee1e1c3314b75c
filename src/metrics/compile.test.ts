import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { expectGolden } from "../testing/golden.js";
import { openWorld } from "../testing/worlds.js";
import { CATALOG, METRICS } from "./catalog/index.js";
import { compile } from "./compile.js";
import { DIMENSIONS, MARTS, STATUS } from "./marts.js";
import type { SemanticQuery } from "./types.js";

const WINDOW = { from: isoDate("2026-02-02"), to: isoDate("2026-02-08") };

function sqlOf(query: Omit<SemanticQuery, "window">): string {
  return compile({ ...query, window: WINDOW }, { catalog: CATALOG, weekEndsOn: 7 }).sql;
}

const QUERIES: readonly (readonly [string, Omit<SemanticQuery, "window">])[] = [
  ...METRICS.map((metric) => [`${metric.id}: ${metric.formula}`, { metrics: [metric.id] }] as const),
  ["a comparison", { metrics: ["net_revenue"], compare: { kind: "previous" } }],
  ["days apart are scanned as one range", { metrics: ["orders"], compare: { kind: "year_over_year" } }],
  ["a breakdown", { metrics: ["roas", "new_customers"], breakdown: "channel", compare: { kind: "previous" } }],
  ["products come from order lines", { metrics: ["net_order_revenue", "orders"], breakdown: "product" }],
  [
    "a breakdown by week beside points by day",
    { metrics: ["spend"], breakdown: "week", grain: "day", compare: { kind: "previous" } },
  ],
  ["the same dates a year earlier", { metrics: ["orders"], breakdown: "day", compare: { kind: "same_date" } }],
  [
    "the points of every row, by the shop's clock",
    { metrics: ["net_revenue"], breakdown: "channel", grain: "hour", compare: { kind: "previous" } },
  ],
  ["ads come from a finer fact", { metrics: ["cpc"], breakdown: "ad" }],
  [
    "statuses and numbers",
    {
      metrics: ["orders"],
      filters: [
        { field: "status", operator: "=", value: "active" },
        { field: "order_value", operator: ">", value: 5000 },
        { field: "order_number", operator: "!=", value: 1 },
      ],
    },
  ],
  [
    "filters",
    {
      metrics: ["orders"],
      filters: [
        { field: "channel", operator: "in", value: ["meta", "(none)"] },
        { field: "country", operator: "!=", value: "O'Hara" },
        { field: "campaign", operator: "contains", value: "brand" },
      ],
    },
  ],
];

describe("compile", () => {
  it("gives the statements of the golden", () => {
    expectGolden("metrics.sql", QUERIES.map(([title, query]) => `-- ${title}\n${sqlOf(query)};\n`).join("\n"));
  });

  it("scans each fact once, whatever is asked for", () => {
    const sql = sqlOf({
      metrics: [
        "net_revenue",
        "aov",
        "new_customer_share",
        "returning_customers",
        "spend",
        "mer",
        "blended_cac",
        "sessions",
        "cvr",
      ],
      breakdown: "channel",
      grain: "day",
      compare: { kind: "previous" },
    });
    for (const fact of ["fact_orders", "fact_refunds", "fact_spend", "fact_traffic"]) {
      expect(sql.split(`from "${fact}"`)).toHaveLength(2);
    }
  });

  it("keeps hostile names and values inside quotes", async () => {
    const db = await openWorld({ as_of: isoDate("2026-02-09"), configured: [], coverage: {}, tables: {} });
    try {
      for (const value of ["'; drop table fact_orders; --", "\\'", "a'b\"c", "\n\r\t", "\u202e", "%_", "$1", "é'🦆"]) {
        for (const operator of ["=", "!=", "in", "contains"] as const) {
          const filters = [
            { field: "channel" as const, operator, value },
            { field: "country" as const, operator, value },
          ];
          expect(await db.all(sqlOf({ metrics: ["orders"], filters }))).toHaveLength(1);
        }
      }
      expect(await db.one("select count(*) as n from fact_orders")).toEqual({ n: 0 });
    } finally {
      await db.close();
    }
  });

  it("names only marts that are described, and no SQL text", () => {
    for (const metric of METRICS) {
      if (metric.kind !== "measure") continue;
      for (const measure of [metric.measure, ...(metric.finer ?? [])]) {
        expect(Object.keys(MARTS)).toContain(measure.mart);
        expect([measure.sum, ...(measure.where ?? [])].every((name) => /^(\*|[a-z][a-z0-9_]*)$/.test(name))).toBe(true);
      }
    }
  });

  it("names only columns that the contract has", () => {
    const contracts = JSON.parse(
      readFileSync(new URL("../../fixtures/golden/contracts.json", import.meta.url), "utf8"),
    ) as Readonly<Record<string, { readonly columns: Readonly<Record<string, string>> }>>;
    const missing = (relation: string, columns: readonly (string | null | undefined)[]) =>
      columns
        .filter((column) => typeof column === "string" && contracts[relation]?.columns[column] === undefined)
        .map((column) => `${relation}.${column}`);
    const facts = Object.entries(MARTS).flatMap(([name, mart]) => [
      ...missing(name, [mart.dateColumn, mart.instantColumn, mart.currencyFlag, ...mart.sums, ...mart.distinct]),
      ...missing(name, [...mart.flags, ...mart.fractional, ...(mart.partly ?? [])]),
      ...missing(name, [...Object.values(mart.groups), ...Object.values(mart.numbers ?? {})]),
    ]);
    const dimensions = Object.values(DIMENSIONS).flatMap(({ relation, key, label }) => missing(relation, [key, label]));
    expect([...facts, ...dimensions, ...missing(STATUS.relation, [STATUS.key, STATUS.column])]).toEqual([]);
  });
});
