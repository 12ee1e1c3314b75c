import type { DateRange } from "../base/dates.js";
import { daysBetween } from "../base/dates.js";
import { quoteName, quoteText } from "../base/ids.js";
import type { Grain } from "./calendar.js";
import type { Catalog } from "./catalog/index.js";
import { fieldsOf, isTime, type LeafMetric, leavesOf, measureFor } from "./leaves.js";
import { DIMENSIONS, MARTS, NO_GROUP } from "./marts.js";
import type { Filter, Measure, SemanticQuery } from "./types.js";

/**
 * One statement per question: each fact is scanned once, with `filter` clauses for the window and the one it is compared with;
 * grouping sets give the total, the rows of a breakdown and the points of a series from the same scan. Nothing is divided here.
 *
 * Result rows: `level` (which grouping set), `key` (group or first day of the bucket), one column per leaf metric, `label`.
 */
export interface Compiled {
  readonly sql: string;
  readonly leaves: readonly LeafMetric[];
}

/** What the compiler needs beside the query. */
export interface CompileOptions {
  readonly catalog: Catalog;
  /** The days that are compared with, or null. */
  readonly previous: DateRange | null;
  readonly weekEndsOn: number;
}

/** Which grouping set a result row belongs to. A series is keyed by the bucket of the current window also for previous days. */
export type Level = "total" | "row" | "row_previous" | "series" | "series_previous";

/** The parts of a leaf's value; each is a column `columnOf(leaf, part, previous)`. */
export type Part = "value" | "foreign" | "over" | "under" | "size";

/** The name of a result column. */
export function columnOf(leafId: string, part: Part, previous: boolean): string {
  return `${leafId}${part === "value" ? "" : `__${part}`}${previous ? "__previous" : ""}`;
}

/** One scan of one relation. */
interface Scan {
  readonly relation: string;
  readonly dateColumn: string;
  readonly columns: readonly { readonly name: (previous: boolean) => string; readonly aggregate: Aggregate }[];
  readonly groupColumn: string | null;
  readonly conditions: readonly string[];
}

interface Aggregate {
  /** `sum("x")`, `count(*)` …, without its filter. */
  readonly call: string;
  readonly where: readonly string[];
  readonly type: "bigint" | "double";
}

/** Compiles a validated query. Pure: the same query gives the same text. */
export function compile(query: SemanticQuery, options: CompileOptions): Compiled {
  const leaves = leavesOf(query.metrics, options.catalog);
  const scans = scansOf(query, leaves);
  const periods = { current: query.window, previous: options.previous };
  const keys = keysOf(query, periods, options.weekEndsOn);
  const parts = scans.map((scan) => `${quoteName(`scan_${scan.relation}`)} as (\n${scanSql(scan, keys, periods)}\n)`);
  const union = scans.map((scan) => `select * from ${quoteName(`scan_${scan.relation}`)}`);
  const dimension = query.breakdown === undefined || isTime(query.breakdown) ? undefined : DIMENSIONS[query.breakdown];
  const label = dimension === undefined ? "null" : `dimension.${quoteName(dimension.label)}`;
  const join =
    dimension === undefined
      ? ""
      : `\nleft join ${quoteName(dimension.relation)} as dimension` +
        `\n  on cells."level" = 'row' and cells."key" = dimension.${quoteName(dimension.key)}`;
  const sql = `with ${parts.join(", ")}, cells as (
  ${union.join("\n  union all by name\n  ")}
)
select cells.*, ${label} as "label"
from cells${join}
order by cells."level", cells."key"`;
  return { sql, leaves };
}

/** The leaves, gathered by the relation that they are read from. */
function scansOf(query: SemanticQuery, leaves: readonly LeafMetric[]): readonly Scan[] {
  const fields = fieldsOf(query);
  const scans = new Map<string, Scan>();
  for (const leaf of leaves) {
    const scan = leaf.kind === "cohort" ? cohortScan(leaf) : martScan(leaf.id, measureFor(leaf, fields), query);
    const known = scans.get(scan.relation);
    scans.set(scan.relation, { ...scan, columns: [...(known?.columns ?? []), ...scan.columns] });
  }
  return [...scans.values()];
}

function martScan(id: string, measure: Measure, query: SemanticQuery): Scan {
  const mart = MARTS[measure.mart];
  const where = (measure.where ?? []).map(quoteName);
  if (measure.named !== undefined) where.push(`"metric_name" = ${quoteText(measure.named)}`);
  const columns = [
    { name: (previous: boolean) => columnOf(id, "value", previous), aggregate: aggregateOf(measure, where) },
  ];
  if (mart.currencyFlag !== null && isMoney(measure)) {
    // Rows in another currency are never added: they are counted, and the value is then unknown.
    const foreign = `${quoteName(measure.sum)} <> 0 and not coalesce(${quoteName(mart.currencyFlag)}, false)`;
    columns.push({
      name: (previous) => columnOf(id, "foreign", previous),
      aggregate: { call: "count(*)", where: [...where, foreign], type: "bigint" },
    });
  }
  const group = query.breakdown === undefined || isTime(query.breakdown) ? undefined : mart.groups[query.breakdown];
  return {
    relation: measure.mart,
    dateColumn: mart.dateColumn,
    columns,
    groupColumn: group ?? null,
    conditions: (query.filters ?? []).map((filter) => condition(filter, mart.groups[filter.field] ?? filter.field)),
  };
}

/** True when a measure adds up money: the unit is in the column's name. */
function isMoney(measure: Measure): boolean {
  return measure.sum.endsWith("_cents") && measure.distinct !== true;
}

function aggregateOf(measure: Measure, where: readonly string[]): Aggregate {
  const { dateColumn: _date, currencyFlag, fractional } = MARTS[measure.mart];
  if (measure.sum === "*") return { call: "count(*)", where, type: "bigint" };
  const column = quoteName(measure.sum);
  if (measure.distinct === true) return { call: `count(distinct ${column})`, where, type: "bigint" };
  // Binary fractions would make the sum depend on the order of the rows.
  if (fractional.includes(measure.sum))
    return { call: `sum(cast(${column} as decimal(38, 9)))`, where, type: "double" };
  const own = isMoney(measure) && currencyFlag !== null ? [quoteName(currencyFlag)] : [];
  return { call: `sum(${column})`, where: [...where, ...own], type: "bigint" };
}

function cohortScan(leaf: Extract<LeafMetric, { readonly kind: "cohort" }>): Scan {
  const columns = [
    { part: "over" as const, column: leaf.over },
    ...(leaf.under === undefined ? [] : [{ part: "under" as const, column: leaf.under }]),
    { part: "size" as const, column: "cohort_size" },
  ];
  return {
    relation: "cohorts",
    dateColumn: "cohort_month",
    columns: columns.map(({ part, column }) => ({
      name: (previous) => columnOf(leaf.id, part, previous),
      aggregate: { call: `sum(${quoteName(column)})`, where: [], type: "bigint" },
    })),
    groupColumn: null,
    conditions: [],
  };
}

interface Periods {
  readonly current: DateRange;
  readonly previous: DateRange | null;
}

/** A grouping set: which level its rows have, and the expression that makes their key. */
interface Key {
  readonly level: Exclude<Level, "total">;
  readonly expression: (scan: Scan) => string;
}

function keysOf(query: SemanticQuery, periods: Periods, weekEndsOn: number): readonly Key[] {
  const { breakdown, grain } = query;
  const rows: readonly Key[] =
    breakdown === undefined
      ? []
      : isTime(breakdown)
        ? timeKeys("row", breakdown, periods, weekEndsOn)
        : [{ level: "row", expression: (scan) => groupExpression(scan.groupColumn) }];
  return [...rows, ...(grain === undefined ? [] : timeKeys("series", grain, periods, weekEndsOn))];
}

function groupExpression(column: string | null): string {
  return column === null
    ? quoteText(NO_GROUP)
    : `coalesce(cast(${quoteName(column)} as varchar), ${quoteText(NO_GROUP)})`;
}

/** Days outside the period get the null key, which is no bucket; previous days are moved onto the current ones first. */
function timeKeys(level: "row" | "series", grain: Grain, periods: Periods, weekEndsOn: number): readonly Key[] {
  const { current, previous } = periods;
  const key = (range: DateRange, shift: number) => (scan: Scan) => {
    const column = quoteName(scan.dateColumn);
    const moved = shift === 0 ? column : `(${column} + ${shift})`;
    return `case when ${within(column, range)} then cast(${bucket(moved, grain, weekEndsOn)} as varchar) end`;
  };
  const now: Key = { level, expression: key(current, 0) };
  if (previous === null) return [now];
  return [now, { level: `${level}_previous`, expression: key(previous, daysBetween(previous.from, current.from)) }];
}

/** First day of the bucket of a day: the same arithmetic as `bucketStart`. */
function bucket(date: string, grain: Grain, weekEndsOn: number): string {
  if (grain === "day") return date;
  if (grain === "month") return `cast(date_trunc('month', ${date}) as date)`;
  return `${date} - cast((isodow(${date}) + ${6 - weekEndsOn}) % 7 as integer)`;
}

function scanSql(scan: Scan, keys: readonly Key[], periods: Periods): string {
  const aliases = keys.map((key) => quoteName(`${key.level}_key`));
  const levels = keys.map((key, index) => `when grouping(${aliases[index]}) = 0 then ${quoteText(key.level)}`);
  const level = keys.length === 0 ? "'total'" : `case ${levels.join(" ")} else 'total' end`;
  const key = keys.length === 0 ? "cast(null as varchar)" : `coalesce(${[...aliases, "null"].join(", ")})`;
  const columns = scan.columns.flatMap(({ name, aggregate }) => [
    aggregateSql(aggregate, scan, periods.previous === null ? null : periods.current, name(false)),
    ...(periods.previous === null ? [] : [aggregateSql(aggregate, scan, periods.previous, name(true))]),
  ]);
  const source =
    keys.length === 0
      ? quoteName(scan.relation)
      : `(\n    select *, ${keys.map((item, index) => `${item.expression(scan)} as ${aliases[index]}`).join(",\n      ")}` +
        `\n    from ${quoteName(scan.relation)}\n  )`;
  const where = [...periodCondition(quoteName(scan.dateColumn), periods), ...scan.conditions];
  const sets =
    keys.length === 0 ? "" : `\n  group by grouping sets ((), ${aliases.map((alias) => `(${alias})`).join(", ")})`;
  return `  select
    ${[`${level} as "level"`, `${key} as "key"`, ...columns].join(",\n    ")}
  from ${source}
  where ${where.join("\n    and ")}${sets}`;
}

function aggregateSql(aggregate: Aggregate, scan: Scan, range: DateRange | null, name: string): string {
  const where = [...aggregate.where, ...(range === null ? [] : [within(quoteName(scan.dateColumn), range)])];
  const filter = where.length === 0 ? "" : ` filter (where ${where.join(" and ")})`;
  return `cast(coalesce(${aggregate.call}${filter}, 0) as ${aggregate.type}) as ${quoteName(name)}`;
}

/** The days to scan. Two apart are wrapped in one range first, so that the engine can skip blocks of rows. */
function periodCondition(column: string, { current, previous }: Periods): readonly string[] {
  if (previous === null) return [within(column, current)];
  const from = [current.from, previous.from].sort()[0] ?? current.from;
  const to = [current.to, previous.to].sort()[1] ?? current.to;
  const envelope = within(column, { from, to });
  const gap =
    current.from > previous.from ? daysBetween(previous.to, current.from) : daysBetween(current.to, previous.from);
  return gap <= 1 ? [envelope] : [envelope, `(${within(column, current)} or ${within(column, previous)})`];
}

function within(column: string, range: DateRange): string {
  return `${column} between date ${quoteText(range.from)} and date ${quoteText(range.to)}`;
}

/** A filter as a condition; keys and, where there is a dimension, the names that people read are both understood. */
function condition(filter: Filter, columnName: string): string {
  const column = quoteName(columnName);
  const values = typeof filter.value === "string" ? [filter.value] : filter.value;
  const dimension = DIMENSIONS[filter.field];
  const choices = [
    dimension === undefined
      ? matches(column, filter.operator, values)
      : `${column} in (select ${quoteName(dimension.key)} from ${quoteName(dimension.relation)} where ` +
        `${matches(quoteName(dimension.key), filter.operator, values)} or ${matches(quoteName(dimension.label), filter.operator, values)})`,
    ...(values.includes(NO_GROUP) ? [`${column} is null`] : []),
  ];
  const positive = `coalesce(${choices.join(" or ")}, false)`;
  return filter.operator === "!=" ? `not ${positive}` : positive;
}

function matches(column: string, operator: Filter["operator"], values: readonly string[]): string {
  if (operator === "contains") {
    return values.map((value) => `contains(lower(${column}), lower(${quoteText(value)}))`).join(" or ");
  }
  return `${column} in (${values.map(quoteText).join(", ")})`;
}

/** The covered days of every stream as ranges without gaps. */
export const COVERED_RANGES = `
  select source, stream, min(day) as from_day, max(day) as to_day
  from (
    select source, stream, day,
      day - cast(row_number() over (partition by source, stream order by day) as integer) as island
    from (select distinct source, stream, day from meta.coverage)
  )
  group by source, stream, island
  order by source, stream, from_day`;

/** What came in another currency than the reporting one, by day: converted (D-20), or in no sum (D-06). */
export const FOREIGN_DAYS = [
  ["orders", "fact_orders", "order_date", "total_cents", "is_counted"],
  ["refunds", "fact_refunds", "refund_date", "total_cents", "is_counted"],
  ["spend", "fact_spend", "spend_date", "spend_cents", "true"],
]
  .map(
    ([what, mart, day, amount, counts]) => `
  select '${what}' as what, ${day} as day, coalesce(original_currency, currency) as currency,
    coalesce(is_reporting_currency, false) as converted, count(*) as rows,
    sum(case when is_reporting_currency then 0 else ${amount} end) as minor
  from ${mart}
  where ${counts} and (fx_date is not null or not coalesce(is_reporting_currency, false))
  group by all`,
  )
  .join("\n  union all")
  .concat("\n  order by day, what, currency, converted");

/** The names of the figures that users declared, one metric each. */
export const DECLARED_FIGURES = "select distinct metric_name from fact_daily_metrics order by metric_name";

/** Rows of money that no sum holds, because they are in another currency than the reporting one. */
export const OTHER_CURRENCIES = `
  select 'orders' as kind, currency, count(*) as rows from fact_orders where not is_reporting_currency group by currency
  union all
  select 'refunds', currency, count(*) from fact_refunds where not is_reporting_currency group by currency
  union all
  select 'ad spend', currency, count(*) from fact_spend where not is_reporting_currency group by currency
  order by kind, currency`;

/** How much each figure was changed after it had been read, over all days; exact, whatever the order of the rows. */
export const RESTATED_TOTALS = `
  select source, stream, measure, count(distinct metric_date) as days, min(metric_date) as first_day,
    max(metric_date) as last_day, sum(cast(value_change as decimal(28, 6))) as change, max(seen_date) as last_seen
  from fact_restatements
  group by source, stream, measure
  order by source, stream, measure`;

/** What was changed last. */
export const LAST_RESTATEMENTS = `
  select * from fact_restatements
  order by seen_at desc, source, stream, measure, metric_date desc
  limit 50`;

/** The newest changes of fields. */
export const LAST_SCHEMA_CHANGES = `
  select * from fact_schema_changes
  order by seen_at desc, source, stream, path, change
  limit 100`;

/** What ad spend of the last days had come to at their last snapshot, beside what it was in the end; null while that is not known. */
export const SNAPSHOT_DAYS = `
  with snapshots as (
    select spend_date, source, currency, max(local_time) filter (where is_newest) as last_time,
      count(distinct snapshot_at) as snapshots, sum(spend_cents) as so_far
    from (
      select *, snapshot_at = max(snapshot_at) over (partition by spend_date, source, currency) as is_newest
      from fact_spend_intraday
    )
    group by spend_date, source, currency
  )
  select s.*, f.final
  from snapshots as s
  left join (
    select spend_date, source, original_currency as currency, sum(original_spend_cents) as final
    from fact_spend
    group by spend_date, source, original_currency
  ) as f using (spend_date, source, currency)
  where s.spend_date > (select max(spend_date) from snapshots) - 7
  order by s.spend_date desc, s.source, s.currency`;
