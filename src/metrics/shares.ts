/** Shares: a figure of some rows over the same figure of all. A presentation of a breakdown or filter, no metric of its own. */
import { shareOf } from "../stats/decompose.js";
import { type Catalog, isAdditive } from "./catalog/index.js";
import { leavesOf, measureFor, needsOf } from "./leaves.js";
import type { BreakdownRow, Compared, GroupBreakdown, MetricId, MetricValue, SemanticQuery } from "./types.js";
import { NOT_ASKED } from "./values.js";

/** A part of a total, or what one of so many things gets of it: unknown with its inputs, undefined over nothing. */
export function shareValue(part: MetricValue | undefined, total: MetricValue | undefined): MetricValue {
  if (part === undefined || total === undefined) return NOT_ASKED;
  if (part.status !== "ok") return part;
  if (total.status !== "ok") return total;
  const share = shareOf(part.value, total.value);
  if (share === null) return { status: "undefined", because: "zero_denominator", detail: "the total is not positive" };
  return { status: "ok", value: share, ...(part.provisional || total.provisional ? { provisional: true } : {}) };
}

/** A share with what it was divided from. */
export interface Share {
  readonly metric: MetricId;
  readonly part: Compared;
  readonly whole: Compared;
  /** Of the window, and of the days that it is held against. */
  readonly share: Pick<Compared, "value" | "previous">;
}

/** The shares of a row's figures in those of the whole. */
export function sharesIn(
  metrics: readonly MetricId[],
  part: BreakdownRow["values"],
  whole: BreakdownRow["values"],
): readonly Share[] {
  return metrics.map((metric) => {
    const [one, all] = [part[metric] ?? { value: NOT_ASKED }, whole[metric] ?? { value: NOT_ASKED }];
    const value = shareValue(one.value, all.value);
    const isCompared = one.previous !== undefined && all.previous !== undefined;
    const share = isCompared ? { value, previous: shareValue(one.previous, all.previous) } : { value };
    return { metric, part: one, whole: all, share };
  });
}

/** The question about the whole: the same, without the rows or filters that make the part. */
export function wholeOf(query: SemanticQuery, field: GroupBreakdown): SemanticQuery {
  const { breakdown, filters = [], limit: _limit, orderBy: _order, having: _having, ...rest } = query;
  const kept = filters.filter((filter) => filter.field !== field);
  return {
    ...rest,
    ...(breakdown === undefined || breakdown === field ? {} : { breakdown }),
    ...(kept.length === 0 ? {} : { filters: kept }),
  };
}

/** True for figures whose rows add up to the whole: ratios have no shares, and one customer is in several rows. */
export function hasShares(id: MetricId, query: SemanticQuery, catalog: Catalog): boolean {
  const needs = needsOf(query);
  return (
    isAdditive(catalog.get(id), catalog) &&
    leavesOf([id], catalog).every((leaf) => leaf.kind === "cohort" || measureFor(leaf, needs).distinct !== true)
  );
}

/** The metric that is one figure over another, when the catalog has it. */
export function ratioOf(over: MetricId, under: MetricId, catalog: Catalog): MetricId | null {
  const found = catalog.metrics.find(
    (metric) => metric.kind === "ratio" && metric.unit === "ratio" && metric.over === over && metric.under === under,
  );
  return found?.id ?? null;
}
