import type { Calendar, DateRange } from "../base/dates.js";
import { quoteName, quoteText } from "../base/ids.js";
import type { Catalog } from "./catalog/index.js";
import { spansChanges } from "./clock-buckets.js";
import { isTime, type LeafMetric, leavesOf, slopedLeaves } from "./leaves.js";
import { DIMENSIONS, NO_GROUP } from "./marts.js";
import { type KeyedDays, timelineOf } from "./points.js";
import { type Aggregate, type Scan, scansOf, within } from "./scans.js";
import type { SemanticQuery } from "./types.js";
import { comparedRange } from "./windows.js";

/**
 * One statement per question: each fact is scanned once for each of the two ranges, which costs no more than both at once (facts are
 * ordered by day) and needs no condition in every sum; rows in other currencies are looked for by themselves, because there are none as
 * a rule. Grouping sets give the total, the rows of a breakdown and the points of a series from the same scan. Nothing is divided here.
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
  /** The shop's calendar, or the weekday on which the weeks of a plain one end. */
  readonly weekEndsOn: Calendar | number;
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
  const periods = periodsOf(query, options);
  const days = periods.flatMap(({ keys }) =>
    keys.flatMap((key) => (key.days === null ? [] : [`${quoteName(key.name)} as (\n${daysSql(key.days)}\n)`])),
  );
  const parts = periods.flatMap((period) =>
    scans.map((scan) => ({
      name: quoteName(`scan_${scan.name}${period.isPrevious ? "_previous" : ""}`),
      sql: scanSql(scan, period),
    })),
  );
  // Nothing but days may be asked for: then there is no scan at all.
  const cells =
    parts.length === 0
      ? `select 'total' as "level", null as "key", null as "point"`
      : parts.map(({ name }) => `select * from ${name}`).join("\n  union all by name\n  ");
  const { label, join } = labelOf(query);
  const sql = `with ${[...days, ...parts.map((part) => `${part.name} as (\n${part.sql}\n)`), `cells as (\n  ${cells}\n)`].join(", ")}
select cells.*, ${label} as "label"
from cells${join}
order by cells."level", cells."key", cells."point"`;
  return { sql, leaves };
}

/** The names that people read for the rows of a breakdown. */
export function labelOf({ breakdown }: SemanticQuery): { readonly label: string; readonly join: string } {
  const dimension = breakdown === undefined || isTime(breakdown) ? undefined : DIMENSIONS[breakdown];
  if (dimension === undefined) return { label: "null", join: "" };
  const on = `cells."level" = 'row' and cells."key" = dimension.${quoteName(dimension.key)}`;
  return {
    label: `dimension.${quoteName(dimension.label)}`,
    join: `\nleft join ${quoteName(dimension.relation)} as dimension\n  on ${on}`,
  };
}

/** The window, or the range that it is compared with, with what its rows are grouped by. */
interface Period {
  readonly isPrevious: boolean;
  readonly range: DateRange;
  readonly keys: readonly Key[];
}

/** A column to group by: a group of the rows, or the point on which a day stands. */
interface Key {
  readonly kind: "row" | "series";
  readonly name: "row" | "row_previous" | "series" | "series_previous";
  /** Days with their keys; null: the key is a column of the fact. */
  readonly days: readonly KeyedDays[] | null;
  readonly expression: (scan: Scan) => string;
}

function periodsOf(query: SemanticQuery, options: CompileOptions): readonly Period[] {
  const { window, compare } = query;
  const current = { isPrevious: false, range: window, keys: keysOf(query, options, false) };
  if (compare === undefined) return [current];
  return [current, { isPrevious: true, range: comparedRange(window, compare), keys: keysOf(query, options, true) }];
}

function keysOf(
  query: SemanticQuery,
  { weekEndsOn, timeZone = "UTC" }: CompileOptions,
  isPrevious: boolean,
): readonly Key[] {
  const { window, compare, breakdown, grain } = query;
  const timeKey = (kind: Key["kind"], of: NonNullable<typeof grain>): Key => {
    const { now, before, seconds } = timelineOf(of, { window, compare, weekEndsOn, timeZone });
    const name = isPrevious ? (`${kind}_previous` as const) : kind;
    return {
      kind,
      name,
      days: isPrevious ? before : now,
      expression: ({ instantColumn }) =>
        seconds === null || instantColumn === null
          ? `${quoteName(name)}."key"`
          : clockKey(name, instantColumn, { seconds, timeZone }),
    };
  };
  const rows: readonly Key[] =
    breakdown === undefined
      ? []
      : isTime(breakdown)
        ? [timeKey("row", breakdown)]
        : [{ kind: "row", name: "row", days: null, expression: (scan) => groupExpression(scan.groupColumn) }];
  return [...rows, ...(grain === undefined ? [] : [timeKey("series", grain)])];
}

/** The group that a row of a fact belongs to. */
export function groupExpression(column: string | null): string {
  return column === null
    ? quoteText(NO_GROUP)
    : `coalesce(cast(fact.${quoteName(column)} as varchar), ${quoteText(NO_GROUP)})`;
}

/** Now: what the clock showed and, of points up to an hour, the zone's minutes ahead of UTC. Before: what the clock showed, on the day that it stands on. */
function clockKey(name: Key["name"], instantColumn: string, clock: { seconds: number; timeZone: string }): string {
  const at = `fact.${quoteName(instantColumn)}`;
  const shown = `timezone(${quoteText(clock.timeZone)}, ${at})`;
  const start = `time_bucket(interval '${clock.seconds} seconds', ${shown})`;
  if (name === "series_previous") return `${quoteName(name)}."key" || strftime(${start}, 'T%H:%M')`;
  if (spansChanges(clock.seconds))
    return `case when ${quoteName(name)}."key" is not null then strftime(${start}, '%Y-%m-%dT%H:%M') end`;
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

/** The grouping sets beside the total: each key, and the points of each row unless rows are times themselves. */
function setsOf(keys: readonly Key[]): readonly (readonly Key[])[] {
  const isNested = keys.length === 2 && keys[0]?.days === null;
  return [...keys.map((key) => [key]), ...(isNested ? [keys] : [])];
}

function scanSql(scan: Scan, { range, keys, isPrevious }: Period): string {
  const date = quoteName(scan.dateColumn);
  const columns = scan.columns.map(({ name, aggregate }) =>
    aggregateSql(aggregate, `(${date} - date ${quoteText(range.from)})`, name(isPrevious)),
  );
  const where = [within(date, range), ...scan.conditions].join("\n    and ");
  if (keys.length === 0) {
    const head = [`'total' as "level"`, 'cast(null as varchar) as "key"', 'cast(null as varchar) as "point"'];
    return `  select\n    ${[...head, ...columns].join(",\n    ")}\n  from ${quoteName(scan.relation)}\n  where ${where}`;
  }
  const sets = setsOf(keys);
  const key = (kind: Key["kind"]) =>
    keys.filter((one) => one.kind === kind).map(keyColumn)[0] ?? "cast(null as varchar)";
  const head = [levelSql(keys, sets), `${key("row")} as "key"`, `${key("series")} as "point"`];
  return `  select
    ${[...head, ...columns].join(",\n    ")}
  from (
${sourceSql(scan, keys)}
  )
  where ${where}
  group by grouping sets ((), ${sets.map((set) => `(${set.map(keyColumn).join(", ")})`).join(", ")})`;
}

function keyColumn(key: Key): string {
  return quoteName(`${key.kind}_key`);
}

/** The fact's rows with their keys. */
function sourceSql(scan: Scan, keys: readonly Key[]): string {
  const columns = keys.map((key) => `${key.expression(scan)} as ${keyColumn(key)}`);
  const joins = keys
    .filter((key) => key.days !== null)
    .map(
      ({ name }) =>
        `\n    left join ${quoteName(name)} on ${quoteName(name)}."day" = fact.${quoteName(scan.dateColumn)}`,
    );
  return `    select fact.*, ${columns.join(",\n      ")}\n    from ${quoteName(scan.relation)} as fact${joins.join("")}`;
}

/** `grouping` gives a bit for each column, set where it is not grouped by; the first is the highest. */
function levelSql(keys: readonly Key[], sets: readonly (readonly Key[])[]): string {
  const bits = (set: readonly Key[]) =>
    keys.reduce((sum, key, index) => sum + (set.includes(key) ? 0 : 2 ** (keys.length - 1 - index)), 0);
  const level = (set: readonly Key[]) => (set.length === 1 ? set[0]?.name : `row_${set[1]?.name}`) ?? "total";
  const levels = sets.map((set) => `when ${bits(set)} then ${quoteText(level(set))}`);
  return `case grouping(${keys.map(keyColumn).join(", ")}) ${levels.join(" ")} else 'total' end as "level"`;
}

/** A column of sums. `daysIn` is the number of days from the first day of the range to that of the row. */
export function aggregateSql({ call, where, type }: Aggregate, daysIn: string, name: string): string {
  const filter = where.length === 0 ? "" : ` filter (where ${where.join(" and ")})`;
  const value = `${call(daysIn)}${filter}`;
  return type === "varchar"
    ? `${value} as ${quoteName(name)}`
    : `cast(coalesce(${value}, 0) as ${type}) as ${quoteName(name)}`;
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

/** Which days of ad spend are told within the day, in a range of days. */
export const TOLD_DAYS = `
  select spend_date, source, why_no_hours, why_no_quarters, spend_cents, hour_spend_cents
  from fact_spend_hour_days
  where spend_date between cast($1 as date) and cast($2 as date)
  order by source, spend_date`;

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

/** Holidays of the country that most orders come from. */
export const HOLIDAYS = `
  select holiday_date, holiday_name
  from seeds.holidays
  where country = (
    select country from fact_orders where country is not null group by country order by count(*) desc, country limit 1
  )
  order by holiday_date, holiday_name`;

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

/** The customers of each segment, with what their averages are made of. */
export const CUSTOMER_SEGMENTS = `
  select segment, count(*) as customers, cast(sum(recency_days) as bigint) as recency, cast(sum(order_count) as bigint) as orders,
    cast(sum(net_cents) as bigint) as net
  from dim_customer_segment
  group by segment
  order by segment`;

/** What is expected of customers, for all, by month of the first order and by the channel of it. Sums are exact, whatever the order of the rows. */
export const LIFETIME_GROUPS = `
  with
  brought as (
    select customer_id, sum(net_cents) as net_cents
    from fact_orders
    where is_counted and is_reporting_currency and order_date < (select as_of from meta.build)
    group by customer_id
  ),
  customers as (
    select
      c.* exclude (net_cents),
      coalesce(b.net_cents, 0) as net_cents,
      coalesce(d.channel_name, c.acquisition_channel_id, 'No channel') as channel_name,
      coalesce(cast(expected_value_12m_cents as double) * expected_value_12m_cents / nullif(expected_orders_12m, 0), 0) as weight,
    from dim_customer as c
    left join dim_channel as d on d.channel_id = c.acquisition_channel_id
    left join brought as b on b.customer_id = c.customer_id
    where c.expectation = 'modelled'
  )
  select
    case when grouping(cohort_month) = 0 then 'cohort' when grouping(channel_name) = 0 then 'channel' else 'total' end as kind,
    coalesce(cast(cohort_month as varchar), acquisition_channel_id, '') as key,
    coalesce(strftime(cohort_month, '%Y-%m'), channel_name, 'All') as label,
    count(*) as customers,
    cast(sum(cast(p_alive as decimal(18, 6))) as double) as alive,
    cast(sum(net_cents) as bigint) as net,
    cast(sum(cast(expected_orders_12m as decimal(18, 6))) as double) as expected_orders,
    cast(sum(expected_value_12m_cents) as bigint) as expected_value,
    cast(sum(cast(weight as decimal(28, 2))) as double) as weight,
  from customers
  group by grouping sets ((), (cohort_month), (acquisition_channel_id, channel_name))
  order by kind, case when kind = 'cohort' then null else -expected_value end, key`;

/** A row where the build holds models of lifetime value; builds of earlier versions do not. */
export const HAS_LIFETIME_MODELS =
  "select 1 as one from duckdb_tables() where table_name = 'fact_lifetime_models' limit 1";
