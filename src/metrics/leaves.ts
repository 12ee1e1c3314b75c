import type { Catalog } from "./catalog/index.js";
import { partsOf } from "./catalog/index.js";
import { MARTS, type MartName } from "./marts.js";
import type { Breakdown, Filter, Measure, MetricDef, MetricId } from "./types.js";

/** A metric that is read from a relation; every other metric is made of leaves. */
export type LeafMetric = Extract<MetricDef, { readonly kind: "measure" | "cohort" }>;

/** The leaves of some metrics, each once, in the order in which they are first met. */
export function leavesOf(ids: readonly MetricId[], catalog: Catalog): readonly LeafMetric[] {
  const found = new Map<MetricId, LeafMetric>();
  const visit = (id: MetricId) => {
    const metric = catalog.get(id);
    if (metric.kind === "measure" || metric.kind === "cohort") found.set(metric.id, metric);
    else partsOf(metric).forEach(visit);
  };
  ids.forEach(visit);
  return [...found.values()];
}

/** What a breakdown or a filter may name beside time. */
export type Field = Filter["field"];

/** True for the breakdowns by time. */
export function isTime(breakdown: Breakdown): breakdown is "day" | "week" | "month" {
  return breakdown === "day" || breakdown === "week" || breakdown === "month";
}

/** The groups that a query's rows must carry: its breakdown, unless by time, and its filters. */
export function fieldsOf(query: {
  readonly breakdown?: Breakdown;
  readonly filters?: readonly { readonly field: Field }[];
}): readonly Field[] {
  const { breakdown, filters = [] } = query;
  const grouped = breakdown === undefined || isTime(breakdown) ? [] : [breakdown];
  return [...new Set([...grouped, ...filters.map((filter) => filter.field)])];
}

/** The measure to read for some groups: order lines stand in for orders when the product is asked for. */
export function measureFor(
  metric: Extract<MetricDef, { readonly kind: "measure" }>,
  fields: readonly Field[],
): Measure {
  const missing = fields.some((field) => MARTS[metric.measure.mart].groups[field] === undefined);
  return missing && metric.lines !== undefined ? metric.lines : metric.measure;
}

/** Why a leaf cannot be told apart by a group; null when it can. */
export function refusal(leaf: LeafMetric, field: Field): string | null {
  if (leaf.kind === "cohort") return "cohorts are kept per month of first order only";
  const marts = [leaf.measure.mart, ...(leaf.lines === undefined ? [] : [leaf.lines.mart])];
  if (marts.some((mart) => MARTS[mart].groups[field] !== undefined)) return null;
  return `no ${field.replace("_", " ")} is known of ${MARTS[leaf.measure.mart].noun}`;
}

/** The facts that a leaf rests on; `cohorts` are made from orders, and from spend where money was spent. */
export function martsOf(leaf: LeafMetric, fields: readonly Field[]): readonly MartName[] {
  if (leaf.kind === "measure") return [measureFor(leaf, fields).mart];
  return leaf.over === "spend_cents" ? ["fact_orders", "fact_spend"] : ["fact_orders"];
}
