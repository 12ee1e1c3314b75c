import { nearest } from "../../base/ids.js";
import type { MetricDef, MetricId } from "../types.js";
import { ATTRIBUTED } from "./attributed.js";
import { COHORTS } from "./cohorts.js";
import { CUSTOMERS } from "./customers.js";
import { LIFETIME } from "./lifetime.js";
import { MARGIN } from "./margin.js";
import { MARKETING } from "./marketing.js";
import { PROFIT } from "./profit.js";
import { REVENUE } from "./revenue.js";
import { TRAFFIC } from "./traffic.js";
import { WEB } from "./web.js";

/** THE list of metrics, in the order in which they are printed. Each has a hand-computed number in `fixtures/worlds`. */
export const METRICS: readonly MetricDef[] = [
  ...REVENUE,
  ...MARGIN,
  ...PROFIT,
  ...CUSTOMERS,
  ...MARKETING,
  ...ATTRIBUTED,
  ...TRAFFIC,
  ...WEB,
  ...COHORTS,
  ...LIFETIME,
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

/** Builds a catalog. Throws a plain Error for the first of `catalogProblems`. */
export function catalogOf(metrics: readonly MetricDef[]): Catalog {
  const [problem] = catalogProblems(metrics);
  if (problem !== undefined) throw new Error(`metric ${problem.id}: ${problem.message}`);
  return catalogFrom(metrics);
}

/** The metrics by name; of two with one name the first. */
function catalogFrom(metrics: readonly MetricDef[]): Catalog {
  const byName = new Map<string, MetricDef>();
  for (const metric of metrics) {
    for (const name of namesOf(metric)) if (!byName.has(name)) byName.set(name, metric);
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
  return { metrics, get, find, suggest };
}

/** What is wrong with a metric of a list; `part` is the name that it gives wrongly. */
export interface CatalogProblem {
  readonly id: MetricId;
  readonly message: string;
  readonly part?: string;
  /** A name that would be understood. */
  readonly suggestion?: string;
}

/** Names that two metrics share, parts that are not there, circles, and slopes of what is no sum of rows; of a metric one problem. */
export function catalogProblems(metrics: readonly MetricDef[]): readonly CatalogProblem[] {
  const catalog = catalogFrom(metrics);
  const taken = new Map<string, MetricId>();
  return metrics.flatMap((metric): readonly CatalogProblem[] => {
    const shared = namesOf(metric).find((name) => taken.has(name));
    const other = shared === undefined ? undefined : taken.get(shared);
    for (const name of namesOf(metric)) if (!taken.has(name)) taken.set(name, metric.id);
    if (other !== undefined)
      return [{ id: metric.id, message: `shares the name ${shared} with the metric ${other}`, part: shared }];
    const missing = partsOf(metric).find((id) => catalog.find(id) === undefined);
    if (missing !== undefined) {
      const message = `there is no metric "${missing}"`;
      return [{ id: metric.id, message, part: missing, suggestion: catalog.suggest(missing) }];
    }
    const circle = circleFrom(metric, catalog);
    if (circle !== null) return [{ id: metric.id, message: `is made of itself: ${circle.join(" -> ")}` }];
    if (metric.kind !== "slope" || isSumOfRows(catalog.get(metric.of), catalog)) return [];
    return [{ id: metric.id, message: `${metric.of} is no sum of rows, so its days make no line`, part: metric.of }];
  });
}

/** The way from a metric back to itself, or null. */
function circleFrom(start: MetricDef, catalog: Catalog): readonly MetricId[] | null {
  const seen = new Set<MetricId>();
  const walk = (metric: MetricDef, trail: readonly MetricId[]): readonly MetricId[] | null => {
    for (const id of partsOf(metric)) {
      const part = catalog.find(id);
      if (part?.id === start.id) return [...trail, part.id];
      if (part === undefined || seen.has(part.id)) continue;
      seen.add(part.id);
      const found = walk(part, [...trail, part.id]);
      if (found !== null) return found;
    }
    return null;
  };
  return walk(start, [start.id]);
}

/** True for measures that are added up, and for signed sums of them. Parts that are not there, or go in circles, are told elsewhere. */
function isSumOfRows(metric: MetricDef, catalog: Catalog): boolean {
  if (metric.kind === "measure") return metric.measure.distinct !== true;
  if (metric.kind !== "total" || circleFrom(metric, catalog) !== null) return false;
  return metric.terms.every((term) => {
    const part = catalog.find(term.metric);
    return part !== undefined && isSumOfRows(part, catalog);
  });
}

function namesOf(metric: MetricDef): readonly string[] {
  return [...new Set([metric.id, ...metric.aliases].map(plain))];
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
export function isAdditive(metric: MetricDef, catalog: Pick<Catalog, "get"> = CATALOG): boolean {
  if (metric.kind === "measure") return metric.measure.distinct !== true;
  if (metric.kind === "total") return metric.terms.every((term) => isAdditive(catalog.get(term.metric), catalog));
  return metric.kind === "cohort" && metric.under === undefined;
}
