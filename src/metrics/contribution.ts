import { type Pair, type Part, partsOfChange } from "../stats/contribution.js";
import type { Catalog } from "./catalog/index.js";
import type { Compared, MetricId, QueryResult } from "./types.js";

/** One group's part in the change of a metric. */
export interface GroupShare {
  readonly key: string;
  readonly label: string;
  /** Part of the whole change: 1 is all of it, above 1 when others moved the other way, negative against it. */
  readonly share: number;
}

/** The metrics that a breakdown must be asked for so that `groupShares` can tell; null for a metric that no breakdown explains. */
export function metricsToExplain(id: MetricId, catalog: Catalog): readonly MetricId[] | null {
  const metric = catalog.get(id);
  if (metric.kind === "ratio") return [metric.over, metric.under];
  return metric.kind === "cohort" ? null : [id];
}

/**
 * How much each group of an answer had to do with the change of a metric, greatest first; the parts sum to 1. Null when a figure that it
 * needs is unknown, when nothing changed, or when the groups do not add up to the total (a customer in two groups). `scale` brings sums of
 * a longer comparison to the length of the window.
 */
export function groupShares(
  result: QueryResult,
  id: MetricId,
  { catalog, scale = 1 }: { readonly catalog: Catalog; readonly scale?: number },
): readonly GroupShare[] | null {
  const metric = catalog.get(id);
  const [over, under] = metric.kind === "ratio" ? [metric.over, metric.under] : [id, null];
  const rows = result.rows.map((row) => partOf(row.values, { over, under, scale }));
  const total = partOf(result.totals, { over, under, scale });
  if (total === null || rows.some((row) => row === null)) return null;
  const parts = partsOfChange(
    rows.filter((row) => row !== null),
    total,
  );
  if (parts === null) return null;
  return result.rows
    .map(({ key, label }, index) => ({ key, label, share: parts[index] ?? 0 }))
    .sort((a, b) => b.share - a.share || (a.key < b.key ? -1 : 1));
}

function partOf(
  values: QueryResult["totals"],
  { over, under, scale }: { readonly over: MetricId; readonly under: MetricId | null; readonly scale: number },
): Part | null {
  const [top, bottom] = [pairOf(values[over], scale), under === null ? null : pairOf(values[under], scale)];
  return top === null || (under !== null && bottom === null) ? null : { over: top, under: bottom };
}

function pairOf(compared: Compared | undefined, scale: number): Pair | null {
  if (compared?.value.status !== "ok" || compared.previous?.status !== "ok") return null;
  return { before: compared.previous.value * scale, after: compared.value.value };
}
