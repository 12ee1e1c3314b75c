/** A few relations of the sample shop with the fields behind them. Imported by tests only. */
import type { Lineage, LineageRelation } from "../transform/lineage.js";

function relation(name: string, layer: LineageRelation["layer"], more: Partial<LineageRelation>): LineageRelation {
  return {
    relation: name,
    layer,
    title: `One row per ${name}.`,
    path: `${name}.sql`,
    grain: [],
    version: null,
    rows: null,
    reads: [],
    ...more,
  };
}

/** Orders by Shopify, spend by two platforms; one stream is waited for. */
export const SAMPLE_LINEAGE: Lineage = {
  relations: [
    relation("stg_shopify__orders", "source_staging", { reads: ["raw.shopify__orders"] }),
    relation("stg_meta_ads__insights", "source_staging", { reads: ["raw.meta_ads__insights"] }),
    relation("stg_files__orders", "source_staging", { reads: ["raw.files__orders"] }),
    relation("stg_orders", "staging", { reads: ["stg_shopify__orders", "stg_files__orders"] }),
    relation("int_orders__costed", "intermediate", { reads: ["stg_orders", "meta.cost_rates"] }),
    relation("fact_orders", "marts", { reads: ["int_orders__costed"], grain: ["order_id"], version: 3, rows: 5413 }),
    relation("fact_spend", "marts", {
      reads: ["stg_meta_ads__insights"],
      grain: ["spend_date"],
      version: 2,
      rows: 720,
    }),
  ],
  origins: (name, column) => {
    if (name === "fact_spend")
      return [{ relation: "meta_ads.insights", path: column === "spend_cents" ? "spend" : column }];
    if (name !== "fact_orders") return [];
    return [
      { relation: "files.orders", path: "gross" },
      { relation: "shopify.orders", path: column === "order_id" ? "id" : `lineItems.nodes.${column}` },
    ];
  },
};
