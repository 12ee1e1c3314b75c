import type { DateRange, ISODate } from "../base/dates.js";
import { daysBetween } from "../base/dates.js";
import { quoteName, quoteText } from "../base/ids.js";
import type { Catalog } from "./catalog/index.js";
import { isTime, type LeafMetric, leavesOf, slopedLeaves } from "./leaves.js";
import { DIMENSIONS, NO_GROUP } from "./marts.js";
import { type KeyedDays, type Timeline, timelineOf } from "./points.js";
import { type Aggregate, type Scan, scansOf, within } from "./scans.js";
import type { SemanticQuery } from "./types.js";
import { comparedRange } from "./windows.js";

/**
 * One statement per question: each fact is scanned once, with `filter` clauses for the window and the one it is compared with;
 * grouping sets give the total, the rows of a breakdown and the points of a series from the same scan. Nothing is divided here.
 *
 * Result rows: `level` (which grouping set), `key` (the row), `point` (of the series), one column per part of a leaf metric, `label`.
 */
export interface Compiled {
  readonly sql: string;
  readonly leaves: readonly LeafMetric[];
}

/** What the compiler needs beside the query. */
export interface CompileOptions {
  readonly catalog: Catalog;
  readonly weekEndsOn: number;
  /** The shop's; hours are told by its clock. Default UTC. */
  readonly timeZone?: string;
}

/** Which grouping set a result row belongs to. Rows and points of previous days bear the keys of the days that they stand on. */
export type Level =
  | "total"
  | "row"
  | "row_previous"
  | "series"
  | "series_previous"
  | "row_series"
  | "row_series_previous";

/** Compiles a validated query. Pure: the same query gives the same text. */
export function compile(query: SemanticQuery, options: CompileOptions): Compiled {
  const leaves = leavesOf(query.metrics, options.catalog);
  const scans = scansOf(query, leaves, slopedLeaves(query.metrics, options.catalog));
  const previous = query.compare === undefined ? null : comparedRange(query.window, query.compare);
  const periods = { current: query.window, previous };
  const keys = keysOf(query, options);
  const days = keys.flatMap((key) =>
    key.days === null ? [] : [`${quoteName(key.name)} as (\n${daysSql(key.days)}\n)`],
  );
  const parts = scans.map((scan) => `${quoteName(`scan_${scan.relation}`)} as (\n${scanSql(scan, keys, periods)}\n)`);
  const union = scans.map((scan) => `select * from ${quoteName(`scan_${scan.relation}`)}`);
  const dimension = query.breakdown === undefined || isTime(query.breakdown) ? undefined : DIMENSIONS[query.breakdown];
  const label = dimension === undefined ? "null" : `dimension.${quoteName(dimension.label)}`;
  const join =
    dimension === undefined
      ? ""
      : `\nleft join ${quoteName(dimension.relation)} as dimension` +
        `\n  on cells."level" = 'row' and cells."key" = dimension.${quoteName(dimension.key)}`;
  // Nothing but days and cohorts may be asked for: then there is no scan at all.
  const cells =
    union.length === 0
      ? `select 'total' as "level", null as "key", null as "point"`
      : union.join("\n  union all by name\n  ");
  const sql = `with ${[...days, ...parts, `cells as (\n  ${cells}\n)`].join(", ")}
select cells.*, ${label} as "label"
from cells${join}
order by cells."level", cells."key", cells."point"`;
  return { sql, leaves };
}

interface Periods {
  readonly current: DateRange;
  readonly previous: DateRange | null;
}

/** A column to group by: a group of the rows, or the point on which a day stands. */
interface Key {
  readonly name: "row" | "row_previous" | "series" | "series_previous";
  /** Days with their keys; null: the key is a column of the fact. */
  readonly days: readonly KeyedDays[] | null;
  readonly expression: (scan: Scan) => string;
}

function keysOf(query: SemanticQuery, { weekEndsOn, timeZone = "UTC" }: CompileOptions): readonly Key[] {
  const { window, compare, breakdown, grain } = query;
  const timeline = (name: NonNullable<typeof grain>) => timelineOf(name, { window, compare, weekEndsOn, timeZone });
  const rows: readonly Key[] =
    breakdown === undefined
      ? []
      : isTime(breakdown)
        ? timeKeys("row", timeline(breakdown), timeZone)
        : [{ name: "row", days: null, expression: (scan) => groupExpression(scan.groupColumn) }];
  return [...rows, ...(grain === undefined ? [] : timeKeys("series", timeline(grain), timeZone))];
}

function groupExpression(column: string | null): string {
  return column === null
    ? quoteText(NO_GROUP)
    : `coalesce(cast(fact.${quoteName(column)} as varchar), ${quoteText(NO_GROUP)})`;
}

function timeKeys(name: "row" | "series", { now, before, seconds }: Timeline, timeZone: string): readonly Key[] {
  const key = (of: Key["name"], days: readonly KeyedDays[]): Key => ({
    name: of,
    days,
    expression: ({ instantColumn }) =>
      seconds === null || instantColumn === null
        ? `${quoteName(of)}."key"`
        : clockKey(of, instantColumn, { seconds, timeZone }),
  });
  return [key(name, now), ...(before.length === 0 ? [] : [key(`${name}_previous`, before)])];
}

/** Now: what the clock showed and the zone's minutes ahead of UTC. Before: what the clock showed, on the day that it stands on. */
function clockKey(name: Key["name"], instantColumn: string, clock: { seconds: number; timeZone: string }): string {
  const at = `fact.${quoteName(instantColumn)}`;
  const shown = `timezone(${quoteText(clock.timeZone)}, ${at})`;
  const start = `time_bucket(interval '${clock.seconds} seconds', ${shown})`;
  if (name === "series_previous") return `${quoteName(name)}."key" || strftime(${start}, 'T%H:%M')`;
  const ahead = `cast((epoch(${shown}) - epoch(${at})) / 60 as integer)`;
  return `case when ${quoteName(name)}."key" is not null then strftime(${start}, '%Y-%m-%dT%H:%M') || '|' || ${ahead} end`;
}

/** Every day with its key, from ranges: days outside are in no point. */
function daysSql(days: readonly KeyedDays[]): string {
  const spans = days.map((span) => {
    const [key, shift] = "key" in span ? [quoteText(span.key), 0] : ["null", span.shift];
    return `(${key}, ${shift}, date ${quoteText(span.from)}, date ${quoteText(span.to)})`;
  });
  return `  select "day", coalesce("key", cast("day" + "shift" as varchar)) as "key"
  from (
    select cast("key" as varchar) as "key", "shift", cast(unnest(generate_series("from", "to", interval 1 day)) as date) as "day"
    from (values ${spans.join(", ")}) as spans("key", "shift", "from", "to")
  )`;
}

/** A grouping set with the level of its rows. */
interface GroupingSet {
  readonly level: Level;
  readonly keys: readonly Key[];
}

/** The points of each row are asked for unless rows are times themselves. */
function setsOf(keys: readonly Key[]): readonly GroupingSet[] {
  const single = keys.map((key): GroupingSet => ({ level: key.name, keys: [key] }));
  const row = keys.find((key) => key.name === "row" && key.days === null);
  const nested = row === undefined ? [] : keys.filter((key) => key !== row);
  return [
    ...single,
    ...nested.map((key) => ({ level: `row_${key.name}` as Level, keys: [row, key].flatMap((k) => k ?? []) })),
  ];
}

function scanSql(scan: Scan, keys: readonly Key[], periods: Periods): string {
  const columns = scan.columns.flatMap(({ name, aggregate }) => [
    aggregateSql(aggregate, scan, { range: periods.current, isOnly: periods.previous === null, name: name(false) }),
    ...(periods.previous === null
      ? []
      : [aggregateSql(aggregate, scan, { range: periods.previous, isOnly: false, name: name(true) })]),
  ]);
  const where = [...periodCondition(quoteName(scan.dateColumn), periods), ...scan.conditions].join("\n    and ");
  if (keys.length === 0) {
    const head = [`'total' as "level"`, 'cast(null as varchar) as "key"', 'cast(null as varchar) as "point"'];
    return `  select\n    ${[...head, ...columns].join(",\n    ")}\n  from ${quoteName(scan.relation)}\n  where ${where}`;
  }
  const sets = setsOf(keys);
  const list = (of: readonly Key[]) => of.map(keyColumn).join(", ");
  const head = [levelSql(keys, sets), ...["row", "series"].map((kind) => pointSql(keys, kind))];
  return `  select
    ${[...head, ...columns].join(",\n    ")}
  from (
${sourceSql(scan, keys)}
  )
  where ${where}
  group by grouping sets ((), ${sets.map((set) => `(${list(set.keys)})`).join(", ")})`;
}

function keyColumn(key: Key): string {
  return quoteName(`${key.name}_key`);
}

/** The fact's rows with their keys. */
function sourceSql(scan: Scan, keys: readonly Key[]): string {
  const columns = keys.map((key) => `${key.expression(scan)} as ${keyColumn(key)}`);
  const joins = keys
    .filter((key) => key.days !== null)
    .map(
      (key) =>
        `\n    left join ${quoteName(key.name)} on ${quoteName(key.name)}."day" = fact.${quoteName(scan.dateColumn)}`,
    );
  return `    select fact.*, ${columns.join(",\n      ")}\n    from ${quoteName(scan.relation)} as fact${joins.join("")}`;
}

/** `grouping` gives a bit for each column, set where it is not grouped by; the first is the highest. */
function levelSql(keys: readonly Key[], sets: readonly GroupingSet[]): string {
  const bits = (set: GroupingSet) =>
    keys.reduce((sum, key, index) => sum + (set.keys.includes(key) ? 0 : 2 ** (keys.length - 1 - index)), 0);
  const levels = sets.map((set) => `when ${bits(set)} then ${quoteText(set.level)}`);
  return `case grouping(${keys.map(keyColumn).join(", ")}) ${levels.join(" ")} else 'total' end as "level"`;
}

/** The key of the row, or of the point: only one of now and before is grouped by at a time. */
function pointSql(keys: readonly Key[], kind: string): string {
  const own = keys.filter((key) => key.name.startsWith(kind)).map(keyColumn);
  const name = kind === "row" ? "key" : "point";
  return own.length === 0
    ? `cast(null as varchar) as "${name}"`
    : `coalesce(${[...own, "null"].join(", ")}) as "${name}"`;
}

function aggregateSql(
  { call, where, type }: Aggregate,
  scan: Scan,
  { range, isOnly, name }: { readonly range: DateRange; readonly isOnly: boolean; readonly name: string },
): string {
  const date = quoteName(scan.dateColumn);
  const conditions = [...where, ...(isOnly ? [] : [within(date, range)])];
  const filter = conditions.length === 0 ? "" : ` filter (where ${conditions.join(" and ")})`;
  const value = `${call(daysSince(date, range.from))}${filter}`;
  return type === "varchar"
    ? `${value} as ${quoteName(name)}`
    : `cast(coalesce(${value}, 0) as ${type}) as ${quoteName(name)}`;
}

function daysSince(date: string, from: ISODate): string {
  return `(${date} - date ${quoteText(from)})`;
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
