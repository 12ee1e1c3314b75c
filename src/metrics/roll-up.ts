/** Figures of several workspaces side by side, and their totals. Each was answered by its own build; nothing here reads a row. */
import type { Catalog } from "./catalog/index.js";
import type { MetricId, MetricValue } from "./types.js";
import { quotient } from "./values.js";

/** What a roll-up shows of each workspace, in this order. */
export const ROLLED: readonly MetricId[] = ["spend", "net_revenue", "mer", "orders", "new_customers"];

/** One workspace's answers. */
export interface RolledPart {
  readonly workspace: string;
  readonly values: Readonly<Record<MetricId, MetricValue>>;
}

/** A total with who is in it. */
export interface RolledTotal {
  readonly value: MetricValue;
  /** Workspaces whose figure is not known: the total is of the others. */
  readonly without: readonly string[];
}

/**
 * Totals of workspaces in one currency. What is not known is left out by name, never taken for zero; where nothing is known the total is
 * unknown. A ratio is divided after summing, over those alone of whom both sides are known.
 */
export function rollUp(
  parts: readonly RolledPart[],
  ids: readonly MetricId[],
  catalog: Catalog,
): Readonly<Record<MetricId, RolledTotal>> {
  return Object.fromEntries(ids.map((id) => [id, totalOf(parts, id, catalog)]));
}

function totalOf(parts: readonly RolledPart[], id: MetricId, catalog: Catalog): RolledTotal {
  const metric = catalog.get(id);
  if (metric.kind === "measure" || metric.kind === "total") return sumOf(parts, id);
  if (metric.kind !== "ratio") throw new Error(`${id} cannot be rolled up`);
  const sides = [metric.over, metric.under];
  const known = parts.filter((part) => sides.every((side) => part.values[side]?.status === "ok"));
  const without = parts.filter((part) => !known.includes(part)).map(({ workspace }) => workspace);
  const [over, under] = sides.map((side) => sumOf(known, side).value);
  if (over?.status !== "ok" || under?.status !== "ok") return { value: nothingKnown(without), without };
  const divided = quotient(catalog, metric, { over: over.value, under: under.value });
  const isProvisional = over.provisional === true || under.provisional === true;
  return { value: typeof divided === "number" ? okValue(divided, isProvisional) : divided, without };
}

function sumOf(parts: readonly RolledPart[], id: MetricId): RolledTotal {
  const known = parts.flatMap(({ values }) => (values[id]?.status === "ok" ? [values[id]] : []));
  const without = parts.filter(({ values }) => values[id]?.status !== "ok").map(({ workspace }) => workspace);
  if (known.length === 0) return { value: nothingKnown(without), without };
  const sum = known.reduce((total, { value }) => total + value, 0);
  return {
    value: okValue(
      sum,
      known.some(({ provisional }) => provisional === true),
    ),
    without,
  };
}

function okValue(value: number, provisional: boolean): MetricValue {
  return { status: "ok", value, ...(provisional ? { provisional } : {}) };
}

function nothingKnown(without: readonly string[]): MetricValue {
  const detail = without.length === 0 ? "there is no workspace" : `not known of ${without.join(", ")}`;
  return { status: "unknown", because: "no_data", detail };
}
