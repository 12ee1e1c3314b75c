import type { Catalog } from "./catalog/index.js";
import { partsOf } from "./catalog/index.js";
import { isClockGrain } from "./clock-buckets.js";
import { columnFor, MARTS, type MartName } from "./marts.js";
import type { Breakdown, FilterField, GroupBreakdown, Measure, MetricDef, MetricId, SemanticQuery } from "./types.js";

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

/** True when any of these rests on customers' ages, which are those of the build's day. Names that are not known ask for nothing. */
export function asksForAges(names: readonly string[], catalog: Catalog): boolean {
  const ids = names.flatMap((name) => catalog.find(name)?.id ?? []);
  return leavesOf(ids, catalog).some((leaf) => leaf.kind === "cohort");
}

/** The leaves of which a slope is asked for: their rows are also added up times their day. */
export function slopedLeaves(ids: readonly MetricId[], catalog: Catalog): ReadonlySet<MetricId> {
  const found = new Set<MetricId>();
  const visit = (id: MetricId) => {
    const metric = catalog.get(id);
    if (metric.kind === "slope") for (const leaf of leavesOf([metric.of], catalog)) found.add(leaf.id);
    else partsOf(metric).forEach(visit);
  };
  ids.forEach(visit);
  return found;
}

/** What the rows of a fact must carry for a question: groups, numbers, or the time of day, by the hour or finer. */
export type Need = FilterField | ClockNeed;

type ClockNeed = "time of day" | "quarter of an hour";

/** True for needs of points within days. */
export function isClockNeed(need: string): need is ClockNeed {
  return need === "time of day" || need === "quarter of an hour";
}

/** True for the breakdowns by time. */
export function isTime(breakdown: Breakdown): breakdown is Exclude<Breakdown, GroupBreakdown> {
  return breakdown === "day" || breakdown === "week" || breakdown === "month" || breakdown === "quarter";
}

/** The cohorts that a query asks for: weeks where it tells weeks apart, months otherwise; its total is then of the same ones. */
export function cohortGrain({ breakdown, grain }: Pick<SemanticQuery, "breakdown" | "grain">): "week" | "month" {
  return breakdown === "week" || grain === "week" ? "week" : "month";
}

/** What a query needs of every fact: its breakdown, unless by whole days, its filters, and the time of day for finer points. */
export function needsOf({ breakdown, filters = [], grain }: Partial<SemanticQuery>): readonly Need[] {
  const grouped = breakdown === undefined || isTime(breakdown) ? [] : [breakdown];
  const clock: readonly Need[] =
    grain === "15min" ? ["quarter of an hour"] : grain !== undefined && isClockGrain(grain) ? ["time of day"] : [];
  return [...new Set([...grouped, ...filters.map((filter) => filter.field), ...clock])];
}

/** The measure to read for some needs: the first whose fact carries all of them. */
export function measureFor(metric: Extract<MetricDef, { readonly kind: "measure" }>, needs: readonly Need[]): Measure {
  const { measure, finer = [] } = metric;
  return [measure, ...finer].find(({ mart }) => needs.every((need) => carries(mart, need))) ?? measure;
}

function carries(mart: MartName, need: Need): boolean {
  if (!isClockNeed(need)) return columnFor(mart, need) !== undefined;
  const { instantColumn, told } = MARTS[mart];
  return instantColumn !== undefined && (need === "time of day" || told !== "hour");
}

/** Which of the needs a leaf cannot meet, and why; null when it can. */
export function refusal(
  leaf: LeafMetric,
  needs: readonly Need[],
): { readonly need: Need; readonly why: string } | null {
  const [first] = needs;
  if (first === undefined) return null;
  if (leaf.kind === "cohort") return { need: first, why: "cohorts are kept per month or week of first order only" };
  const marts = [leaf.measure, ...(leaf.finer ?? [])].map((measure) => measure.mart);
  if (marts.some((mart) => needs.every((need) => carries(mart, need)))) return null;
  const { noun } = MARTS[leaf.measure.mart];
  const missing = needs.find((need) => !marts.some((mart) => carries(mart, need)));
  if (missing !== undefined) {
    const because = isClockNeed(missing) ? MARTS[leaf.measure.mart].daysOnly : undefined;
    const why = `no ${missing.replaceAll("_", " ")} is known of ${noun}`;
    return { need: missing, why: because === undefined ? why : `${why}: ${because}` };
  }
  return {
    need: needs.at(-1) ?? first,
    why: `no fact tells ${needs.join(" and ").replaceAll("_", " ")} of ${noun} together`,
  };
}

/** The facts that a leaf rests on; `cohorts` are made from orders, and from spend where money was spent. */
export function martsOf(leaf: LeafMetric, needs: readonly Need[]): readonly MartName[] {
  if (leaf.kind === "measure") return [measureFor(leaf, needs).mart];
  return leaf.over === "spend_cents" ? ["fact_orders", "fact_spend"] : ["fact_orders"];
}

/** What a metric rests on: each fact as people call it, with the sources that fill it. */
export function restsOn(
  id: MetricId,
  catalog: Catalog,
): readonly { readonly fact: string; readonly sources: readonly string[] }[] {
  const marts = new Set(leavesOf([id], catalog).flatMap((leaf) => martsOf(leaf, [])));
  return [...marts].map((mart) => {
    const streams = MARTS[mart].origins.flatMap((origin) => origin.streams);
    return { fact: MARTS[mart].noun, sources: [...new Set(streams.map((name) => name.slice(0, name.indexOf("."))))] };
  });
}
