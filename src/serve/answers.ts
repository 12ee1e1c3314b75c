/** Figures as the API tells them: the value for machines, its status, and the very text that reports print. */

import { changeKind, changeOf, changeText } from "../metrics/change.js";
import { formatValue, missingReason } from "../metrics/format.js";
import { runQuery } from "../metrics/run-query.js";
import type { BreakdownRow, Compared, MetricId, QueryResult, SemanticQuery } from "../metrics/types.js";
import { NOT_ASKED } from "../metrics/values.js";
import type { ApiBuild } from "./types.js";

/** Money is minor units of the answer's currency, a ratio a decimal; null where there is no value, and then `reason` says why. */
export interface ApiFigure {
  readonly value: number | null;
  readonly unit: string;
  readonly status: string;
  readonly text: string;
  readonly reason?: string;
  /** A share of the value before, or percentage points of a ratio as a decimal; null when it cannot be told. */
  readonly change: number | null;
  readonly changeText: string | null;
}

/** One figure. */
export function figureOf(build: ApiBuild, metric: MetricId, compared: Compared | undefined): ApiFigure {
  const { unit } = build.catalog.get(metric);
  const value = compared?.value ?? NOT_ASKED;
  const kind = changeKind(unit);
  const change = compared?.previous === undefined ? null : changeOf(compared, kind);
  const reason = missingReason(value);
  return {
    value: value.status === "ok" ? value.value : null,
    unit,
    status: value.status === "ok" && value.provisional === true ? "provisional" : value.status,
    text: formatValue(value, unit, build.context.currency),
    ...(reason === null ? {} : { reason }),
    change: change?.status === "ok" ? change.value : null,
    changeText: change?.status === "ok" ? changeText(change.value, kind) : null,
  };
}

/** The API's names of figures, each with the metric behind it. */
export type Names = Readonly<Record<string, MetricId>>;

/** The figures of one row or total, by the API's names. */
export function figuresOf(
  build: ApiBuild,
  names: Names,
  values: QueryResult["totals"],
): Readonly<Record<string, ApiFigure>> {
  return Object.fromEntries(Object.entries(names).map(([name, id]) => [name, figureOf(build, id, values[id])]));
}

/** Asks for the figures. A question takes fifteen metrics, the API's largest has sixteen. */
export function ask(build: ApiBuild, names: Names, query: Omit<SemanticQuery, "metrics">): Promise<QueryResult> {
  const metrics = [...new Set(Object.values(names))];
  const { catalog, coverage } = build;
  return runQuery(build.db, { ...query, metrics }, build.context, { catalog, coverage, mostMetrics: metrics.length });
}

/** Rows of a breakdown or points of a series. */
export function rowsOf(build: ApiBuild, names: Names, rows: readonly BreakdownRow[]): readonly object[] {
  return rows.map(({ key, label, values }) => ({ key, label, ...figuresOf(build, names, values) }));
}
