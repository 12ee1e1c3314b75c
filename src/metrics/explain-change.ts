import { apportion, factorEffects, quotientEffects } from "../stats/decompose.js";
import type { Database } from "../warehouse/types.js";
import { CATALOG, type Catalog, catalogOf } from "./catalog/index.js";
import type { Coverage } from "./coverage.js";
import { bySegments, quotientOf, type SegmentedSplit } from "./explain-segments.js";
import { requireQuery, validateQuery } from "./query.js";
import { runQuery } from "./run-query.js";
import type {
  AnswerContext,
  Compared,
  Comparison,
  GroupBreakdown,
  MetricDef,
  MetricId,
  MetricValue,
  QueryResult,
  SemanticQuery,
} from "./types.js";
import { comparedRange } from "./windows.js";

/** What is asked: why a metric of a window differs from that of another. */
export interface ChangeRequest {
  /** Id or alias. */
  readonly metric: string;
  readonly window: SemanticQuery["window"];
  /** Default: the same length just before. */
  readonly compare?: Comparison;
  /** Absent: by channel, product, region and campaign, as far as the metric knows them. */
  readonly by?: GroupBreakdown;
}

/** One part of a change, in the metric's unit; money in minor units. */
export interface ChangePart {
  readonly key: string;
  readonly label: string;
  readonly effect: number;
  readonly before: MetricValue;
  readonly after: MetricValue;
}

/** A way of telling a change: the effects of its parts add up to the change; integers (money, counts) exactly. */
export interface Split {
  /** Terms of a sum; the factors of a funnel; numerator and denominator of a quotient. */
  readonly kind: "terms" | "factors" | "quotient";
  /** `net order revenue = sessions x conversion rate x average order value` */
  readonly formula: string;
  readonly parts: readonly ChangePart[];
}

/** Why a metric changed, and what could not be told. */
export interface ChangeExplanation {
  readonly metric: MetricDef;
  readonly window: SemanticQuery["window"];
  /** The days that the window is compared with. */
  readonly before: SemanticQuery["window"];
  readonly compared: Compared;
  /** after - before; absent unless both are known. */
  readonly change?: number;
  readonly splits: readonly Split[];
  readonly segments: readonly SegmentedSplit[];
  /** What could not be told, each with its reason. */
  readonly unknown: readonly string[];
}

/** Sums told as a product, with what is added to it: the effects of the factors and the added terms make up the change. */
interface Funnel {
  readonly factors: readonly MetricId[];
  readonly plus?: { readonly metric: MetricId; readonly sign: 1 | -1 };
}

/** The funnels that hold by definition: each product is the metric, whatever the numbers (checked by a test). */
export const FUNNELS: Readonly<Record<MetricId, Funnel>> = {
  orders: { factors: ["sessions", "cvr"] },
  net_order_revenue: { factors: ["sessions", "cvr", "aov"] },
  net_revenue: { factors: ["sessions", "cvr", "aov"], plus: { metric: "returns", sign: -1 } },
  new_customers: { factors: ["orders", "new_customer_share"] },
  spend: { factors: ["impressions", "ctr", "cpc"] },
};

const DEFAULT_BREAKDOWNS: readonly GroupBreakdown[] = ["channel", "product", "region", "campaign"];

/** What an explanation needs beside the question. */
export interface ChangeOptions {
  readonly catalog?: Catalog;
  readonly coverage?: Coverage;
}

/**
 * Explains a change by its formula, its funnel and its segments. Unknown inputs leave a split out and are named in `unknown`.
 * Throws `BAD_QUERY` (usage) for names and windows that cannot be.
 */
export async function explainChange(
  db: Database,
  request: ChangeRequest,
  context: AnswerContext,
  options: ChangeOptions = {},
): Promise<ChangeExplanation> {
  const shipped = options.catalog ?? CATALOG;
  const compare = request.compare ?? { kind: "previous" };
  const base = { metrics: [request.metric], window: request.window, compare };
  const { breakdown: _, ...asked } = requireQuery(
    { ...base, ...(request.by === undefined ? {} : { breakdown: request.by }) },
    { catalog: shipped, lastCompleteDay: context.lastCompleteDay },
  );
  const catalog = withCohortParts(shipped, asked.metrics[0] ?? "");
  const metric = catalog.get(asked.metrics[0] ?? "");
  const ask = (query: SemanticQuery): Promise<QueryResult> =>
    runQuery(db, query, context, { ...options, catalog, mostMetrics: 100 });
  const { totals } = await ask({ ...asked, metrics: partsToRead(metric, catalog) });
  const compared = totals[metric.id] ?? { value: NOT_ASKED };
  const change = changeOf(compared);
  const unknown = new Set(missingOf(metric, compared));
  const told = { metric, window: asked.window, before: comparedRange(asked.window, compare), compared };
  if (change === null) return { ...told, splits: [], segments: [], unknown: [...unknown] };
  const splits = [termsSplit, quotientSplit, funnelSplit].flatMap((split) => {
    const found = split({ metric, catalog, totals, change });
    if (typeof found !== "string") return found ?? [];
    unknown.add(found);
    return [];
  });
  const segments: SegmentedSplit[] = [];
  for (const breakdown of request.by === undefined ? DEFAULT_BREAKDOWNS : [request.by]) {
    if (!validateQuery({ ...asked, breakdown }, { catalog }).ok) continue;
    const found = await bySegments({ ask, asked, metric, catalog, breakdown, change });
    if (typeof found === "string") unknown.add(found);
    else segments.push(found);
  }
  return { ...told, change, splits, segments, unknown: [...unknown] };
}

const NOT_ASKED: MetricValue = { status: "unknown", because: "no_data", detail: "not asked for" };

function changeOf({ value, previous }: Compared): number | null {
  return value.status === "ok" && previous?.status === "ok" ? value.value - previous.value : null;
}

function missingOf(metric: MetricDef, { value, previous }: Compared): readonly string[] {
  return [value, previous].flatMap((one, index) =>
    one === undefined || one.status === "ok"
      ? []
      : [`${metric.title} ${index === 0 ? "of the window" : "before"}: ${one.detail}`],
  );
}

/** Numerator and denominator of a cohort's quotient, as metrics of their own. */
function withCohortParts(catalog: Catalog, id: MetricId): Catalog {
  const metric = catalog.get(id);
  if (metric.kind !== "cohort" || metric.under === undefined) return catalog;
  const { under, ...rest } = metric;
  const part = (column: string): MetricDef => ({
    ...rest,
    id: `${id}__${column}`,
    title: column.replaceAll("_", " "),
    aliases: [],
    over: column,
    unit: column.endsWith("_cents") ? "money" : "count",
  });
  return catalogOf([...catalog.metrics, part(metric.over), part(under)]);
}

function partsToRead(metric: MetricDef, catalog: Catalog): readonly MetricId[] {
  const quotient = quotientOf(metric);
  const funnel = FUNNELS[metric.id];
  return [
    ...new Set([
      metric.id,
      ...termsOf(metric, catalog).map((term) => term.metric),
      ...(quotient === null ? [] : [quotient.over, quotient.under]),
      ...(metric.kind === "product" ? metric.factors : []),
      ...(funnel === undefined ? [] : [...funnel.factors, ...(funnel.plus === undefined ? [] : [funnel.plus.metric])]),
    ]),
  ];
}

/** The terms of a sum, sums within it opened up; a term that is there twice counts as often. */
function termsOf(metric: MetricDef, catalog: Catalog): readonly { readonly metric: MetricId; readonly sign: number }[] {
  if (metric.kind !== "total") return [];
  const signs = new Map<MetricId, number>();
  for (const term of metric.terms) {
    const inner = termsOf(catalog.get(term.metric), catalog);
    for (const part of inner.length === 0 ? [{ metric: term.metric, sign: 1 }] : inner)
      signs.set(part.metric, (signs.get(part.metric) ?? 0) + part.sign * term.sign);
  }
  return [...signs].flatMap(([id, sign]) => (sign === 0 ? [] : [{ metric: id, sign }]));
}

interface Given {
  readonly metric: MetricDef;
  readonly catalog: Catalog;
  readonly totals: QueryResult["totals"];
  readonly change: number;
}

/** The two values of a part, or why there are none. */
function pairOf(
  { totals, catalog }: Given,
  id: MetricId,
): { readonly before: number; readonly after: number } | string {
  const compared = totals[id] ?? { value: NOT_ASKED };
  const { value, previous } = compared;
  if (value.status === "ok" && previous?.status === "ok") return { before: previous.value, after: value.value };
  return missingOf(catalog.get(id), compared).join("; ");
}

/** All pairs, or the reasons of those that are not there. */
function pairsOf(
  given: Given,
  ids: readonly MetricId[],
): readonly { readonly before: number; readonly after: number }[] | string {
  const pairs = ids.map((id) => pairOf(given, id));
  const missing = pairs.filter((pair) => typeof pair === "string");
  return missing.length > 0 ? missing.join("; ") : pairs.flatMap((pair) => (typeof pair === "string" ? [] : [pair]));
}

function partOf({ totals, catalog }: Given, id: MetricId, effect: number): ChangePart {
  const { value, previous } = totals[id] ?? { value: NOT_ASKED };
  return {
    key: id,
    label: catalog.get(id).title,
    effect: effect === 0 ? 0 : effect,
    before: previous ?? NOT_ASKED,
    after: value,
  };
}

function termsSplit(given: Given): Split | string | null {
  const terms = termsOf(given.metric, given.catalog);
  if (terms.length === 0) return null;
  const pairs = pairsOf(
    given,
    terms.map((term) => term.metric),
  );
  if (typeof pairs === "string") return pairs;
  const parts = terms.map((term, index) => {
    const { before, after } = pairs[index] ?? { before: 0, after: 0 };
    return partOf(given, term.metric, term.sign * (after - before));
  });
  return { kind: "terms", formula: given.metric.formula, parts };
}

function quotientSplit(given: Given): Split | string | null {
  const quotient = quotientOf(given.metric);
  if (quotient === null) return null;
  const pairs = pairsOf(given, [quotient.over, quotient.under]);
  if (typeof pairs === "string") return pairs;
  const [over = { before: 0, after: 0 }, under = { before: 1, after: 1 }] = pairs;
  const effects = quotientEffects({ over: over.before, under: under.before }, { over: over.after, under: under.after });
  return {
    kind: "quotient",
    formula: given.metric.formula,
    parts: [
      partOf(given, quotient.over, effects.over * quotient.times),
      partOf(given, quotient.under, effects.under * quotient.times),
    ],
  };
}

/** The funnel; whole numbers stay whole, the rest of rounding goes to the largest remainders. */
function funnelSplit(given: Given): Split | string | null {
  const { metric, catalog, change } = given;
  const funnel: Funnel | undefined = metric.kind === "product" ? { factors: metric.factors } : FUNNELS[metric.id];
  if (funnel === undefined) return null;
  const { factors, plus } = funnel;
  const pairs = pairsOf(given, [...factors, ...(plus === undefined ? [] : [plus.metric])]);
  if (typeof pairs === "string")
    return `not told by ${factors.map((id) => catalog.get(id).title).join(" x ")}: ${pairs}`;
  const own = pairs.slice(0, factors.length);
  const added = pairs[factors.length];
  const rest = added === undefined || plus === undefined ? 0 : plus.sign * (added.after - added.before);
  const exact = factorEffects(
    own.map(({ before }) => before),
    own.map(({ after }) => after),
  );
  const effects = isWhole(metric, change) ? apportion(exact, change - rest) : exact;
  const title = (id: MetricId) => catalog.get(id).title;
  const addition = plus === undefined ? "" : ` ${plus.sign < 0 ? "-" : "+"} ${title(plus.metric)}`;
  return {
    kind: "factors",
    formula: `${metric.title} = ${factors.map(title).join(" x ")}${addition}`,
    parts: [
      ...factors.map((id, index) => partOf(given, id, effects[index] ?? 0)),
      ...(plus === undefined ? [] : [partOf(given, plus.metric, rest)]),
    ],
  };
}

/** Sums of money and counts are whole numbers. */
function isWhole(metric: MetricDef, change: number): boolean {
  return Number.isSafeInteger(change) && (metric.unit === "money" || metric.unit === "count");
}
