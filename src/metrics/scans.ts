import type { DateRange } from "../base/dates.js";
import { quoteName, quoteText } from "../base/ids.js";
import { cohortGrain, isTime, type LeafMetric, measureFor, needsOf } from "./leaves.js";
import { columnFor, DIMENSIONS, MARTS, NO_GROUP, STATUS } from "./marts.js";
import type { Filter, Measure, MetricId, SemanticQuery } from "./types.js";

/**
 * The parts of a leaf's value; each is a column `columnOf(leaf, part, previous)`: the sum itself, rows in another currency, the sum of
 * each row times its day (for slopes), sources that do not tell it, and the members of a cohort's quotient.
 */
export type Part = "value" | "foreign" | "moment" | "untold" | "over" | "under" | "size";

/** The name of a result column. */
export function columnOf(leafId: MetricId, part: Part, previous: boolean): string {
  return `${leafId}${part === "value" ? "" : `__${part}`}${previous ? "__previous" : ""}`;
}

/** One scan of one relation. */
export interface Scan {
  /** The relation; rows in other currencies are scanned under a name of their own. */
  readonly name: string;
  readonly relation: string;
  readonly dateColumn: string;
  readonly instantColumn: string | null;
  readonly columns: readonly { readonly name: (previous: boolean) => string; readonly aggregate: Aggregate }[];
  readonly groupColumn: string | null;
  readonly conditions: readonly string[];
}

/** An aggregate without its filter. */
export interface Aggregate {
  /** `sum("x")`, `count(*)` …; given how many days a row is after the first of the window. */
  readonly call: (daysIn: string) => string;
  readonly where: readonly string[];
  readonly type: "bigint" | "double" | "varchar";
}

/** The leaves, gathered by the relation that they are read from. */
export function scansOf(
  query: SemanticQuery,
  leaves: readonly LeafMetric[],
  sloped: ReadonlySet<MetricId>,
): readonly Scan[] {
  const needs = needsOf(query);
  const scans = new Map<string, Scan>();
  for (const leaf of leaves) {
    const found =
      leaf.kind === "cohort"
        ? [cohortScan(leaf, cohortGrain(query))]
        : martScans({ id: leaf.id, isSloped: sloped.has(leaf.id) }, measureFor(leaf, needs), query);
    for (const scan of found) {
      const known = scans.get(scan.name);
      scans.set(scan.name, { ...scan, columns: [...(known?.columns ?? []), ...scan.columns] });
    }
  }
  return [...scans.values()].map(hoisted);
}

/** What every sum of a scan asks of its rows is asked once, where rows are read. */
function hoisted(scan: Scan): Scan {
  const [first] = scan.columns;
  const common = (first?.aggregate.where ?? []).filter((condition) =>
    scan.columns.every(({ aggregate }) => aggregate.where.includes(condition)),
  );
  const columns = scan.columns.map(({ name, aggregate }) => ({
    name,
    aggregate: { ...aggregate, where: aggregate.where.filter((condition) => !common.includes(condition)) },
  }));
  return { ...scan, columns, conditions: [...scan.conditions, ...common] };
}

function martScans(
  leaf: { readonly id: MetricId; readonly isSloped: boolean },
  measure: Measure,
  query: SemanticQuery,
): readonly Scan[] {
  const mart = MARTS[measure.mart];
  const where = (measure.where ?? []).map(quoteName);
  if (measure.only !== undefined) where.push(`${quoteName(measure.only.column)} = ${quoteText(measure.only.value)}`);
  const parts: (readonly [Part, Aggregate])[] = [["value", sumOf(measure, where)]];
  if (leaf.isSloped) parts.push(["moment", momentOf(measure, where)]);
  if (mart.partly?.includes(measure.sum)) {
    const names = `string_agg(distinct "source", ', ' order by "source")`;
    const untold = [...where, `${quoteName(measure.sum)} is null`];
    parts.push(["untold", { call: () => names, where: untold, type: "varchar" }]);
  }
  const group = query.breakdown === undefined || isTime(query.breakdown) ? undefined : mart.groups[query.breakdown];
  const scan = {
    relation: measure.mart,
    dateColumn: mart.dateColumn,
    instantColumn: mart.instantColumn ?? null,
    groupColumn: group ?? null,
    conditions: (query.filters ?? []).map((filter) => condition(filter, measure.mart)),
  };
  const column = ([part, aggregate]: readonly [Part, Aggregate]) => ({
    name: (previous: boolean) => columnOf(leaf.id, part, previous),
    aggregate,
  });
  const own = { ...scan, name: measure.mart, columns: parts.map(column) };
  if (mart.currencyFlag === null || !isMoney(measure)) return [own];
  // Rows in another currency are never added: they are counted, and the value is then unknown.
  const flag = quoteName(mart.currencyFlag);
  const foreign = [...where, `(${flag} = false or ${flag} is null)`, `${quoteName(measure.sum)} <> 0`];
  const counted: readonly [Part, Aggregate] = ["foreign", { call: () => "count(*)", where: foreign, type: "bigint" }];
  return [own, { ...scan, name: `${measure.mart}_foreign`, columns: [column(counted)] }];
}

/** True when a measure adds up money: the unit is in the column's name. */
function isMoney(measure: Measure): boolean {
  return measure.sum.endsWith("_cents") && measure.distinct !== true;
}

function sumOf(measure: Measure, where: readonly string[]): Aggregate {
  if (measure.sum === "*") return { call: () => "count(*)", where, type: "bigint" };
  const column = quoteName(measure.sum);
  if (measure.distinct === true) return { call: () => `count(distinct ${column})`, where, type: "bigint" };
  // Binary fractions would make the sum depend on the order of the rows.
  if (isFractional(measure)) return { call: () => `sum(cast(${column} as decimal(38, 9)))`, where, type: "double" };
  return { call: () => `sum(${column})`, where: [...where, ...ownCurrency(measure)], type: "bigint" };
}

/** Every row times its day: the other sum that a least-squares slope is made of. */
function momentOf(measure: Measure, where: readonly string[]): Aggregate {
  const column = quoteName(measure.sum);
  if (measure.sum === "*") return { call: (days) => `sum(${days})`, where, type: "bigint" };
  if (isFractional(measure))
    return { call: (days) => `sum(cast(${column} as decimal(27, 9)) * ${days})`, where, type: "double" };
  return { call: (days) => `sum(${column} * ${days})`, where: [...where, ...ownCurrency(measure)], type: "bigint" };
}

function isFractional(measure: Measure): boolean {
  return MARTS[measure.mart].fractional.includes(measure.sum);
}

function ownCurrency(measure: Measure): readonly string[] {
  const { currencyFlag } = MARTS[measure.mart];
  return isMoney(measure) && currencyFlag !== null ? [quoteName(currencyFlag)] : [];
}

function cohortScan(leaf: Extract<LeafMetric, { readonly kind: "cohort" }>, grain: "week" | "month"): Scan {
  const columns = [
    { part: "over" as const, column: leaf.over },
    ...(leaf.under === undefined ? [] : [{ part: "under" as const, column: leaf.under }]),
    { part: "size" as const, column: "cohort_size" },
  ];
  return {
    name: "cohorts",
    relation: grain === "week" ? "cohorts_weekly" : "cohorts",
    dateColumn: `cohort_${grain}`,
    instantColumn: null,
    columns: columns.map(({ part, column }) => ({
      name: (previous) => columnOf(leaf.id, part, previous),
      aggregate: { call: () => `sum(${quoteName(column)})`, where: [], type: "bigint" },
    })),
    groupColumn: null,
    conditions: [],
  };
}

/** A range of days as a condition. */
export function within(column: string, range: DateRange): string {
  return `${column} between date ${quoteText(range.from)} and date ${quoteText(range.to)}`;
}

/** A filter as a condition; keys and, where there is a dimension, the names that people read are both understood. */
function condition(filter: Filter, mart: Measure["mart"]): string {
  const column = quoteName(columnFor(mart, filter.field) ?? filter.field);
  if (typeof filter.value === "number") {
    const sign = filter.operator === "!=" ? "<>" : filter.operator;
    return `coalesce(${column} ${sign} ${filter.value}, false)`;
  }
  const values = typeof filter.value === "string" ? [filter.value] : filter.value;
  const positive = `coalesce(${choices(filter, column, values).join(" or ")}, false)`;
  return filter.operator === "!=" ? `not ${positive}` : positive;
}

function choices(filter: Filter, column: string, values: readonly string[]): readonly string[] {
  const { field, operator } = filter;
  const empty = values.includes(NO_GROUP) ? [`${column} is null`] : [];
  const inDimension = (key: string, relation: string, name: string) =>
    `${column} in (select ${quoteName(key)} from ${quoteName(relation)} where ${matches(quoteName(name), operator, values)})`;
  if (field === "status") return [inDimension(STATUS.key, STATUS.relation, STATUS.column), ...empty];
  const dimension = field in DIMENSIONS ? DIMENSIONS[field as keyof typeof DIMENSIONS] : undefined;
  const named = dimension === undefined ? [] : [inDimension(dimension.key, dimension.relation, dimension.label)];
  return [matches(column, operator, values), ...named, ...empty];
}

function matches(column: string, operator: Filter["operator"], values: readonly string[]): string {
  if (operator === "contains") {
    return values.map((value) => `contains(lower(${column}), lower(${quoteText(value)}))`).join(" or ");
  }
  return `${column} in (${values.map(quoteText).join(", ")})`;
}
