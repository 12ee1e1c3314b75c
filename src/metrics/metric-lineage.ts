/** Which columns of which relations a metric is read from: where the lineage of its values begins. */
import type { Catalog } from "./catalog/index.js";
import { type LeafMetric, leavesOf } from "./leaves.js";
import type { MetricId } from "./types.js";

/** One relation that a part of a metric is read from. */
export interface ReadColumns {
  /** The part: the metric itself, or one that it is made of. */
  readonly metric: MetricId;
  readonly relation: string;
  /** Columns that are added up or counted; empty: its rows are counted. */
  readonly columns: readonly string[];
  /** Boolean columns that must be true, and what else rows must be. */
  readonly conditions: readonly string[];
}

/** The columns of a metric and of everything that it is made of, each part once. */
export function columnsOf(id: MetricId, catalog: Catalog): readonly ReadColumns[] {
  return leavesOf([id], catalog).map(readOf);
}

function readOf(leaf: LeafMetric): ReadColumns {
  if (leaf.kind === "cohort") {
    const columns = [leaf.over, ...(leaf.under === undefined ? [] : [leaf.under])];
    return { metric: leaf.id, relation: "cohorts", columns, conditions: [] };
  }
  const { mart, sum, where = [], only } = leaf.measure;
  return {
    metric: leaf.id,
    relation: mart,
    columns: sum === "*" ? [] : [sum],
    conditions: [...where, ...(only === undefined ? [] : [`${only.column} = ${only.value}`])],
  };
}
