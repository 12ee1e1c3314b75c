import { nearest } from "../../base/ids.js";
import type { MetricDef, MetricId } from "../types.js";
import { COHORTS } from "./cohorts.js";
import { CUSTOMERS } from "./customers.js";
import { MARGIN } from "./margin.js";
import { MARKETING } from "./marketing.js";
import { REVENUE } from "./revenue.js";
import { TRAFFIC } from "./traffic.js";

/** THE list of metrics, in the order in which they are printed. Each has a hand-computed number in `fixtures/worlds`. */
export const METRICS: readonly MetricDef[] = [
  ...REVENUE,
  ...MARGIN,
  ...CUSTOMERS,
  ...MARKETING,
  ...TRAFFIC,
  ...COHORTS,
];

/** Metrics by name: the ids and aliases of a list, looked up without regard to case, `_`, `-` and spaces. */
export interface Catalog {
  readonly metrics: readonly MetricDef[];
  /** The metric of an id; throws a plain Error (a bug) for an id that was not validated. */
  get(id: MetricId): MetricDef;
  /** The metric that an id or alias means, or undefined. */
  find(name: string): MetricDef | undefined;
  /** The id nearest to a misspelt name, when one is near enough. */
  suggest(name: string): MetricId | undefined;
}

/** Builds a catalog. Throws a plain Error when two metrics share a name or one names a metric that is not there. */
export function catalogOf(metrics: readonly MetricDef[]): Catalog {
  const byName = new Map<string, MetricDef>();
  for (const metric of metrics) {
    for (const name of new Set([metric.id, ...metric.aliases].map(plain))) {
      const other = byName.get(name);
      if (other !== undefined) throw new Error(`metrics ${other.id} and ${metric.id} share the name ${name}`);
      byName.set(name, metric);
    }
  }
  const find = (name: string) => byName.get(plain(name));
  const get = (id: MetricId) => {
    const metric = find(id);
    if (metric === undefined) throw new Error(`there is no metric ${id}`);
    return metric;
  };
  const suggest = (name: string) => {
    const near = nearest(plain(name), byName.keys());
    return near === undefined ? undefined : byName.get(near)?.id;
  };
  for (const metric of metrics) partsOf(metric).forEach(get);
  return { metrics, get, find, suggest };
}

/** The metrics that a metric is made of, one level down. */
export function partsOf(metric: MetricDef): readonly MetricId[] {
  if (metric.kind === "total") return metric.terms.map((term) => term.metric);
  if (metric.kind === "product") return metric.factors;
  if (metric.kind === "slope") return [metric.of];
  return metric.kind === "ratio" ? [metric.over, metric.under] : [];
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, "");
}

/** The catalog that ships with the program. */
export const CATALOG: Catalog = catalogOf(METRICS);

/** True when the values of parts of a whole add up to the value of the whole: sums and counts of rows do, ratios and distinct counts do not. */
export function isAdditive(metric: MetricDef, catalog: Catalog = CATALOG): boolean {
  if (metric.kind === "measure") return metric.measure.distinct !== true;
  if (metric.kind === "total") return metric.terms.every((term) => isAdditive(catalog.get(term.metric), catalog));
  return metric.kind === "cohort" && metric.under === undefined;
}
