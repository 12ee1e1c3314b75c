import { addDays, type Calendar, type DateRange, type ISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { Model } from "../transform/types.js";
import { monthStart } from "./calendar.js";
import { CATALOG, type Catalog, partsOf } from "./catalog/index.js";
import { compile } from "./compile.js";
import type { Coverage } from "./coverage.js";
import { type LeafMetric, leavesOf } from "./leaves.js";
import type { MetricDef } from "./types.js";

/** Where a metric comes from, from its formula down to the raw streams. */
export interface Explanation {
  readonly metric: MetricDef;
  /** The metric and everything that it is made of, each before its parts. */
  readonly formulas: readonly {
    readonly id: string;
    readonly depth: number;
    readonly formula: string;
    readonly reads: string | null;
  }[];
  /** The last seven complete days, of cohorts the last whole month; `sql` is what would be asked of the marts for them. */
  readonly window: DateRange;
  readonly sql: string;
  /** Columns of the marts: `sql/marts/fact_orders.sql:12`. */
  readonly columns: readonly { readonly relation: string; readonly column: string; readonly place: string | null }[];
  /** Files between the marts and raw, by layer, from the graph that builds the data. */
  readonly models: readonly {
    readonly relation: string;
    readonly layer: Model["layer"];
    readonly path: string;
    readonly title: string;
  }[];
  readonly streams: readonly {
    readonly name: string;
    readonly lastLoadedAt: string | null;
    readonly covered: string | null;
  }[];
}

/** What an explanation is made from. */
export interface ExplainOptions {
  /** The models of `sql/`, as the build reads them. */
  readonly models: readonly Model[];
  readonly lastCompleteDay: ISODate;
  /** The shop's calendar, or the weekday on which the weeks of a plain one end. */
  readonly weekEndsOn: Calendar | number;
  /** Null before the first build: nothing is then known of syncs. */
  readonly coverage: Coverage | null;
  readonly catalog?: Catalog;
}

/** Explains a metric, by id or alias. Throws `UNKNOWN_METRIC` (usage) with the nearest name. */
export function explainMetric(name: string, options: ExplainOptions): Explanation {
  const catalog = options.catalog ?? CATALOG;
  const metric = catalog.find(name) ?? refuse(name, catalog);
  const leaves = leavesOf([metric.id], catalog);
  const window = windowOf(leaves, options.lastCompleteDay);
  const { sql } = compile({ metrics: [metric.id], window }, { catalog, weekEndsOn: options.weekEndsOn });
  const byName = new Map(options.models.map((model) => [model.relation, model]));
  const reached = lineage(leaves.map(relationOf), byName);
  return {
    metric,
    formulas: formulasOf(metric, catalog, 0),
    window,
    sql,
    columns: leaves.flatMap((leaf) => columnsOf(leaf).map((column) => placed(relationOf(leaf), column, byName))),
    models: reached.flatMap((relation) => {
      const model = byName.get(relation);
      return model === undefined
        ? []
        : [{ relation, layer: model.layer, path: `sql/${model.path}`, title: titleOf(model) }];
    }),
    streams: reached
      .filter((relation) => relation.startsWith("raw."))
      .map((relation) => streamOf(relation, options.coverage)),
  };
}

/** Cohorts begin with a calendar month, whatever the fiscal ones are; no seven days are sure to hold the beginning of one. */
function windowOf(leaves: readonly LeafMetric[], last: ISODate): DateRange {
  if (!leaves.some((leaf) => leaf.kind === "cohort")) return { from: addDays(last, -6), to: last };
  const to = addDays(monthStart(addDays(last, 1)), -1);
  return { from: monthStart(to), to };
}

function refuse(name: string, catalog: Catalog): never {
  const near = catalog.suggest(name);
  throw new GrowthosError({
    code: "UNKNOWN_METRIC",
    what: `there is no metric "${name}"`,
    hint:
      near === undefined
        ? "`growthos metrics` lists them"
        : `did you mean ${near}? \`growthos metrics\` lists them all`,
    exit: "usage",
  });
}

function formulasOf(metric: MetricDef, catalog: Catalog, depth: number): Explanation["formulas"] {
  const isLeaf = metric.kind === "measure" || metric.kind === "cohort";
  const own = { id: metric.id, depth, formula: metric.formula, reads: isLeaf ? readsText(metric) : null };
  return [own, ...partsOf(metric).flatMap((id) => formulasOf(catalog.get(id), catalog, depth + 1))];
}

/** `sum of fact_orders.gross_cents where is_counted` */
function readsText(leaf: LeafMetric): string {
  if (leaf.kind === "cohort")
    return `cohorts.${leaf.over}${leaf.under === undefined ? "" : ` / cohorts.${leaf.under}`}`;
  const { mart, sum, where = [], distinct, only } = leaf.measure;
  const what = sum === "*" ? `rows of ${mart}` : `${distinct === true ? "different " : ""}${mart}.${sum}`;
  const conditions = [...where, ...(only === undefined ? [] : [`${only.column} is ${only.value}`])];
  return conditions.length === 0 ? what : `${what} where ${conditions.join(" and ")}`;
}

function relationOf(leaf: LeafMetric): string {
  return leaf.kind === "cohort" ? "cohorts" : leaf.measure.mart;
}

function columnsOf(leaf: LeafMetric): readonly string[] {
  if (leaf.kind === "cohort") return leaf.under === undefined ? [leaf.over] : [leaf.over, leaf.under];
  const { sum, where = [] } = leaf.measure;
  return sum === "*" ? where : [sum, ...where];
}

function placed(relation: string, column: string, byName: ReadonlyMap<string, Model>): Explanation["columns"][number] {
  const model = byName.get(relation);
  if (model === undefined) return { relation, column, place: null };
  const line = lineOf(model.sql, column);
  return { relation, column, place: `sql/${model.path}${line === null ? "" : `:${line}`}` };
}

/** The line on which the final select names a column: the last that gives it as a name, comments left out. */
function lineOf(sql: string, column: string): number | null {
  const lines = sql.split("\n").map((line) => line.replace(/--.*$/, ""));
  const named = new RegExp(`(\\bas\\s+|^\\s*(\\w+\\.)?)${column}\\s*,?\\s*$`);
  const index = lines.findLastIndex((line) => named.test(line));
  return index < 0 ? null : index + 1;
}

/** Everything that some relations rest on, themselves first, each once. */
function lineage(from: readonly string[], byName: ReadonlyMap<string, Model>): readonly string[] {
  const reached = new Set<string>();
  let next: readonly string[] = from;
  while (next.length > 0) {
    for (const relation of next) reached.add(relation);
    next = [...new Set(next.flatMap((relation) => byName.get(relation)?.reads ?? []))].filter(
      (name) => !reached.has(name),
    );
  }
  return [...reached];
}

function titleOf(model: Model): string {
  return model.sql.split("\n")[0]?.replace(/^--\s*/, "") ?? "";
}

/** `raw.shopify__orders` -> `shopify.orders` */
function streamOf(relation: string, coverage: Coverage | null): Explanation["streams"][number] {
  const name = relation.slice("raw.".length).replace("__", ".");
  const stream = coverage?.streams.find((candidate) => candidate.name === name);
  const [first, last] = [stream?.days[0]?.from, stream?.days.at(-1)?.to];
  return {
    name,
    lastLoadedAt: stream?.lastLoadedAt ?? null,
    covered: first === undefined || last === undefined ? null : `${first} … ${last}`,
  };
}
