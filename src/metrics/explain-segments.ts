import { mixAndRate, splitSegments } from "../stats/decompose.js";
import { type Catalog, isAdditive } from "./catalog/index.js";
import { validateQuery } from "./query.js";
import type {
  Compared,
  GroupBreakdown,
  MetricDef,
  MetricId,
  MetricValue,
  QueryResult,
  SemanticQuery,
} from "./types.js";

/** What one segment did to a change; `effect` is the sum of its parts. */
export interface SegmentEffect {
  readonly key: string;
  readonly label: string;
  readonly before: MetricValue;
  readonly after: MetricValue;
  readonly effect: number;
  /** Volume, mix and price of a sum with a volume; mix and rate of a quotient; nothing for other sums. */
  readonly of: Readonly<Partial<Record<"volume" | "mix" | "price" | "rate", number>>>;
}

/** A change told by segments: effects add up to it, those of sums of whole numbers exactly. Largest effects first. */
export interface SegmentedSplit {
  readonly by: GroupBreakdown;
  /** The metric that is the volume of price, volume and mix; null without. */
  readonly volume: MetricId | null;
  readonly rows: readonly SegmentEffect[];
}

/** What volume stands behind a sum of money: the first that the breakdown knows. */
const VOLUMES: Readonly<Record<MetricId, readonly MetricId[]>> = {
  gross_revenue: ["units"],
  net_order_revenue: ["units"],
  net_revenue: ["orders"],
  cogs: ["units"],
  spend: ["clicks"],
};

/** What a split by segments is made from. */
export interface SegmentQuestion {
  readonly ask: (query: SemanticQuery) => Promise<QueryResult>;
  readonly asked: SemanticQuery;
  readonly metric: MetricDef;
  readonly catalog: Catalog;
  readonly breakdown: GroupBreakdown;
  readonly change: number;
}

/** The split of a change by the groups of a breakdown, or why there is none. */
export async function bySegments(question: SegmentQuestion): Promise<SegmentedSplit | string> {
  const { ask, asked, metric, catalog, breakdown } = question;
  if (!isSegmentable(metric, catalog))
    return `not told by ${breakdown}: values of ${metric.title.toLowerCase()} do not add up over groups`;
  const quotient = quotientOf(metric);
  const volume = quotient === null ? volumeOf(question) : null;
  const parts = quotient === null ? [metric.id] : [quotient.over, quotient.under];
  const metrics = [...new Set([metric.id, ...parts, ...(volume === null ? [] : [volume])])];
  const { rows } = await ask({ ...asked, metrics, breakdown });
  // By key, so that no rest of rounding hangs on the order of rows.
  const ordered = [...rows].sort((a, b) => (a.key < b.key ? -1 : 1));
  const read = (id: MetricId) => ordered.map((row) => pairOf(row.values[id]));
  const effects =
    quotient === null
      ? sumEffects(read(metric.id), volume === null ? null : read(volume))
      : quotientRows(read(quotient.over), read(quotient.under), quotient.times);
  if (effects === null) return `not told by ${breakdown}: a group has no value`;
  const told = ordered.map((row, index): SegmentEffect => {
    const { value, previous } = row.values[metric.id] ?? { value: NONE };
    const { effect, of } = effects[index] ?? { effect: 0, of: {} };
    return { key: row.key, label: row.label, before: previous ?? NONE, after: value, effect, of };
  });
  if (!addsUp(told, question)) return `not told by ${breakdown}: the groups do not add up to the total`;
  return { by: breakdown, volume, rows: told.sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect)) };
}

const NONE: MetricValue = { status: "unknown", because: "no_data", detail: "not asked for" };

function volumeOf({ metric, catalog, asked, breakdown }: SegmentQuestion): MetricId | null {
  const candidates = (VOLUMES[metric.id] ?? []).filter(
    (id) =>
      isAdditive(catalog.get(id), catalog) && validateQuery({ ...asked, metrics: [id], breakdown }, { catalog }).ok,
  );
  return candidates[0] ?? null;
}

interface Pair {
  readonly before: number;
  readonly after: number;
}

function pairOf(compared: Compared | undefined): Pair | null {
  if (compared?.value.status !== "ok" || compared.previous?.status !== "ok") return null;
  return { before: compared.previous.value, after: compared.value.value };
}

type Effects = readonly Pick<SegmentEffect, "effect" | "of">[];

function known(pairs: readonly (Pair | null)[]): readonly Pair[] | null {
  return pairs.some((pair) => pair === null) ? null : pairs.flatMap((pair) => pair ?? []);
}

function sumEffects(given: readonly (Pair | null)[], volumes: readonly (Pair | null)[] | null): Effects | null {
  const values = known(given);
  if (values === null) return null;
  const sizes = volumes === null ? null : known(volumes);
  if (sizes === null) return values.map(({ before, after }) => ({ effect: after - before, of: {} }));
  const changes = values.map((value, index) => ({
    before: { value: value.before, volume: sizes[index]?.before ?? 0 },
    after: { value: value.after, volume: sizes[index]?.after ?? 0 },
  }));
  return splitSegments(changes).segments.map((of) => ({ effect: of.volume + of.mix + of.price, of }));
}

function quotientRows(over: readonly (Pair | null)[], under: readonly (Pair | null)[], times: number): Effects | null {
  const [overs, unders] = [known(over), known(under)];
  if (overs === null || unders === null) return null;
  const changes = overs.map((pair, index) => ({
    before: { over: pair.before, under: unders[index]?.before ?? 0 },
    after: { over: pair.after, under: unders[index]?.after ?? 0 },
  }));
  const split = mixAndRate(changes);
  if (split === null) return null;
  return split.map(({ mix, rate }) => ({
    effect: (mix + rate) * times,
    of: { mix: mix * times, rate: rate * times },
  }));
}

/** Whole numbers to the last unit; quotients but for binary fractions. */
function addsUp(rows: readonly SegmentEffect[], { change }: SegmentQuestion): boolean {
  const sum = rows.reduce((all, row) => all + row.effect, 0);
  return Math.abs(sum - change) <= 1e-9 * Math.max(1, Math.abs(change));
}

/** Over and under of a quotient, or null. */
export function quotientOf(
  metric: MetricDef,
): { readonly over: MetricId; readonly under: MetricId; readonly times: number } | null {
  if (metric.kind === "ratio") return { over: metric.over, under: metric.under, times: metric.times ?? 1 };
  if (metric.kind !== "cohort" || metric.under === undefined) return null;
  return { over: `${metric.id}__${metric.over}`, under: `${metric.id}__${metric.under}`, times: 1 };
}

/** True when segments of a metric add up: it is a sum of rows, or a quotient of two such sums. */
function isSegmentable(metric: MetricDef, catalog: Catalog): boolean {
  const quotient = quotientOf(metric);
  const ids = quotient === null ? [metric.id] : [quotient.over, quotient.under];
  return ids.every((id) => isAdditive(catalog.get(id), catalog));
}
