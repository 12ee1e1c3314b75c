/** What the rules have to be asked for: one reading per look, scope, filter and step back, whatever the number of rules. */
import { addDays, addMonths, type DateRange, type ISODate } from "../base/dates.js";
import { monthEnd, monthStart } from "../metrics/calendar.js";
import type { Catalog } from "../metrics/catalog/index.js";
import type { Coverage } from "../metrics/coverage.js";
import { metricsForMoney } from "../metrics/impact.js";
import { asksForAges } from "../metrics/leaves.js";
import { runQuery } from "../metrics/run-query.js";
import type {
  AnswerContext,
  BreakdownRow,
  Comparison,
  MetricId,
  QueryResult,
  SemanticQuery,
} from "../metrics/types.js";
import type { Database } from "../warehouse/types.js";
import { metricsIn } from "./judge.js";
import type { AlertRule, Look, Values } from "./types.js";

/** Figures of one look: the totals, and the groups where the scope is a breakdown. */
export interface Reading {
  readonly window: DateRange;
  readonly totals: Values;
  readonly rows: readonly BreakdownRow[];
}

/** Readings by `readKey`. */
export type Readings = ReadonlyMap<string, Reading>;

/** Where figures are asked. */
export interface Source {
  readonly db: Database;
  readonly context: AnswerContext;
  readonly catalog: Catalog;
  readonly coverage: Coverage;
  /** The build's day, when an earlier one is judged: customers' ages are those of the build. */
  readonly builtAsOf?: ISODate;
}

/** Why metrics cannot be judged on the source's day, or null: customers' ages were counted when the marts were built. */
export function unjudgeable(metrics: readonly MetricId[], { context, catalog, builtAsOf }: Source): string | null {
  if (builtAsOf === undefined || !asksForAges(metrics, catalog)) return null;
  return `customers' ages are those of ${builtAsOf}, the day of the build; run \`growthos build --as-of ${context.asOf}\` first`;
}

/** Names a reading; `ago` is how many windows it lies back. */
export function readKey({ look, scope, filters = [] }: AlertRule, ago: number): string {
  return JSON.stringify([look, scope, filters, ago]);
}

/** How many windows a rule looks at. */
export function windowsOf({ lasting }: AlertRule): number {
  return lasting?.of ?? 1;
}

/** The window of a look that ends at a day, or `ago` windows before it, and what it is compared with. */
export function windowOf(
  look: Look,
  lastDay: ISODate,
  ago: number,
): { readonly window: DateRange; readonly compare: Comparison } {
  if ("cohortAfterDays" in look) {
    const from = addMonths(monthStart(addDays(lastDay, 1 - look.cohortAfterDays)), -ago);
    const before = { from: addMonths(from, -12), to: addDays(from, -1) };
    return { window: { from, to: monthEnd(from) }, compare: { kind: "range", range: before } };
  }
  const to = addDays(lastDay, -ago * look.days);
  const window = { from: addDays(to, 1 - look.days), to };
  if (look.against === "previous") return { window, compare: { kind: "previous" } };
  if (look.against === "last_year") return { window, compare: { kind: "year_over_year" } };
  return { window, compare: { kind: "range", range: { from: addDays(window.from, -7), to: addDays(window.to, -7) } } };
}

interface Ask {
  readonly rule: AlertRule;
  readonly ago: number;
  readonly metrics: Set<MetricId>;
}

/** Asks everything that the rules need, each figure once. */
export async function readFor(rules: readonly AlertRule[], source: Source): Promise<Readings> {
  const asks = new Map<string, Ask>();
  for (const rule of rules) {
    const wanted = [...metricsIn(rule), ...metricsForMoney(rule.about)];
    for (let ago = 0; ago < windowsOf(rule); ago++) {
      const key = readKey(rule, ago);
      const ask = asks.get(key) ?? { rule, ago, metrics: new Set<MetricId>() };
      for (const metric of wanted) ask.metrics.add(metric);
      asks.set(key, ask);
    }
  }
  const readings = new Map<string, Reading>();
  for (const [key, ask] of asks) readings.set(key, await read(ask, source));
  return readings;
}

const METRICS_PER_QUERY = 15;

async function read({ rule, ago, metrics }: Ask, source: Source): Promise<Reading> {
  const { scope, filters, look } = rule;
  const { window, compare } = windowOf(look, source.context.lastCompleteDay, ago);
  const frame = {
    window,
    compare,
    ...(scope === "shop" ? {} : { breakdown: scope }),
    ...(filters === undefined ? {} : { filters }),
  };
  const all = [...metrics];
  const results: QueryResult[] = [];
  for (let from = 0; from < all.length; from += METRICS_PER_QUERY)
    results.push(await ask({ ...frame, metrics: all.slice(from, from + METRICS_PER_QUERY) }, source));
  return { window, totals: merged(results.map(({ totals }) => totals)), rows: mergedRows(results) };
}

/** One question to the one way to a number. */
export function ask(query: SemanticQuery, { db, context, catalog, coverage }: Source): Promise<QueryResult> {
  return runQuery(db, query, context, { catalog, coverage });
}

function merged(values: readonly Values[]): Values {
  return Object.assign({}, ...values);
}

function mergedRows(results: readonly QueryResult[]): readonly BreakdownRow[] {
  const rows = new Map<string, BreakdownRow>();
  for (const row of results.flatMap((result) => result.rows)) {
    const known = rows.get(row.key);
    rows.set(row.key, known === undefined ? row : { ...row, values: merged([known.values, row.values]) });
  }
  return [...rows.values()];
}
