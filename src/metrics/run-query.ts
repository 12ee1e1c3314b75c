import type { DateRange } from "../base/dates.js";
import { addDays, daysBetween, type ISODate } from "../base/dates.js";
import type { Cell, Database, Row } from "../warehouse/types.js";
import { type Bucket, bucketsOf, earlierDay, laterDay, monthEnd, monthStart } from "./calendar.js";
import { CATALOG, type Catalog } from "./catalog/index.js";
import { columnOf, compile, type Level, type Part } from "./compile.js";
import { type Availability, availability, type Coverage, firstCoveredDay, readCoverage } from "./coverage.js";
import { fieldsOf, isTime, type LeafMetric, martsOf } from "./leaves.js";
import { MARTS, type MartName, NO_GROUP, NO_GROUP_LABELS } from "./marts.js";
import { requireQuery } from "./query.js";
import type {
  AnswerContext,
  BreakdownRow,
  Compared,
  MetricDef,
  MetricId,
  MetricValue,
  QueryResult,
  SemanticQuery,
} from "./types.js";
import { comparedRange } from "./windows.js";

/** What a caller with many questions prepares once. */
export interface RunOptions {
  /** The shipped catalog, or one with a user's own metrics. */
  readonly catalog?: Catalog;
  /** Read from the build when absent. */
  readonly coverage?: Coverage;
}

/**
 * Answers a query: compiles it, runs one statement, divides after summing, and says of every value whether it is known.
 * Throws `BAD_QUERY` (usage) with every problem of the query.
 */
export async function runQuery(
  db: Database,
  query: SemanticQuery,
  context: AnswerContext,
  options: RunOptions = {},
): Promise<QueryResult> {
  const catalog = options.catalog ?? CATALOG;
  const asked = requireQuery(query, { catalog, lastCompleteDay: context.lastCompleteDay });
  const coverage = options.coverage ?? (await readCoverage(db));
  const previous = asked.compare === undefined ? null : comparedRange(asked.window, asked.compare);
  const weekEndsOn = context.weekEndsOn ?? 7;
  const { sql } = compile(asked, { catalog, previous, weekEndsOn });
  const cells = cellsOf(await db.all(sql));
  const answer: Answer = {
    query: asked,
    catalog,
    previous,
    cells,
    weekEndsOn,
    available: availabilityOf(asked, coverage, context.lastCompleteDay),
    lastCompleteDay: context.lastCompleteDay,
  };
  return {
    query: asked,
    totals: totalsOf(answer),
    rows: rowsOf(answer),
    series:
      asked.grain === undefined ? [] : bucketRows(answer, "series", bucketsOf(asked.window, asked.grain, weekEndsOn)),
    sql: [sql],
  };
}

interface Answer {
  readonly query: SemanticQuery;
  readonly catalog: Catalog;
  readonly previous: DateRange | null;
  readonly cells: Cells;
  readonly weekEndsOn: number;
  readonly available: (leaf: LeafMetric, range: DateRange) => Availability;
  readonly lastCompleteDay: ISODate;
}

/** Level -> key -> the merged columns of all scans. */
type Cells = ReadonlyMap<Level, ReadonlyMap<string, Row>>;

function cellsOf(rows: readonly Row[]): Cells {
  const levels = new Map<Level, Map<string, Row>>();
  for (const row of rows) {
    const level = row["level"] as Level;
    const keys = levels.get(level) ?? new Map<string, Row>();
    const key = row["key"] === null ? "" : String(row["key"]);
    // Each scan fills its own columns; the others are null in its rows.
    const filled = Object.entries(row).filter(([, value]) => value !== null);
    keys.set(key, { ...keys.get(key), ...Object.fromEntries(filled) });
    levels.set(level, keys);
  }
  return levels;
}

function availabilityOf(query: SemanticQuery, coverage: Coverage, last: ISODate): Answer["available"] {
  const fields = fieldsOf(query);
  const known = new Map<string, Availability>();
  const ofMart = (mart: MartName, range: DateRange) => {
    const key = `${mart} ${range.from} ${range.to}`;
    const value = known.get(key) ?? availability(coverage, MARTS[mart], range, last);
    known.set(key, value);
    return value;
  };
  return (leaf, range) => {
    const answers = martsOf(leaf, fields).map((mart) => {
      const days =
        leaf.kind === "cohort"
          ? cohortDays(range, leaf.matureAfterDays, firstCoveredDay(coverage, MARTS[mart]), last)
          : range;
      return ofMart(mart, days);
    });
    const missing = answers.find((answer) => answer.status === "unknown");
    return (
      missing ?? { status: "ok", provisional: answers.some((answer) => answer.status === "ok" && answer.provisional) }
    );
  };
}

/** The days on which cohorts of a window rest: their months and the days that they need to mature, as far as there are any. */
function cohortDays(range: DateRange, matureAfterDays: number, first: ISODate | null, last: ISODate): DateRange {
  const from = monthStart(range.from);
  return {
    // Customers from before the first load are not known as a cohort at all, so its month may begin late.
    from: first === null || first > range.to ? from : laterDay(from, first),
    to: earlierDay(addDays(monthEnd(range.to), matureAfterDays), last),
  };
}

/** A value's place: which row of cells, and the days that it is about. */
interface Place {
  readonly row: Row;
  readonly previous: boolean;
  readonly range: DateRange;
}

function valueAt(answer: Answer, id: MetricId, place: Place): MetricValue {
  const metric = answer.catalog.get(id);
  switch (metric.kind) {
    case "measure":
      return measureValue(answer, metric, place);
    case "cohort":
      return cohortValue(answer, metric, place);
    case "total":
      return combine(
        metric.terms.map((term) => valueAt(answer, term.metric, place)),
        (values) => values.reduce((sum, value, index) => sum + value * (metric.terms[index]?.sign ?? 1), 0),
      );
    case "ratio": {
      const no = (id: MetricId) => `no ${answer.catalog.get(id).title.toLowerCase()}`;
      return combine([valueAt(answer, metric.over, place), valueAt(answer, metric.under, place)], ([a = 0, b = 0]) => {
        if (b === 0) return { status: "undefined", because: "zero_denominator", detail: no(metric.under) };
        if (a === 0 && metric.overNotZero)
          return { status: "undefined", because: "zero_numerator", detail: no(metric.over) };
        return (a / b) * (metric.times ?? 1);
      });
    }
  }
}

function noDenominator(detail: string): MetricValue {
  return { status: "undefined", because: "zero_denominator", detail };
}

/** Combines known values; what is unknown, then what is undefined, wins over any arithmetic. */
function combine(
  values: readonly MetricValue[],
  arithmetic: (values: readonly number[]) => number | MetricValue,
): MetricValue {
  const unknown = values.filter((value) => value.status === "unknown");
  const [first] = unknown;
  if (first !== undefined) return { ...first, detail: [...new Set(unknown.map((value) => value.detail))].join("; ") };
  const noValue = values.find((value) => value.status === "undefined");
  if (noValue !== undefined) return noValue;
  const known = values.filter((value) => value.status === "ok");
  const result = arithmetic(known.map((value) => value.value));
  if (typeof result !== "number") return result;
  return okValue(
    result,
    known.some((value) => value.provisional === true),
  );
}

function okValue(value: number, provisional: boolean): MetricValue {
  // -0 would print as "-0".
  const plain = value === 0 ? 0 : value;
  return provisional ? { status: "ok", value: plain, provisional } : { status: "ok", value: plain };
}

function measureValue(
  answer: Answer,
  leaf: Extract<MetricDef, { readonly kind: "measure" }>,
  place: Place,
): MetricValue {
  const available = answer.available(leaf, place.range);
  if (available.status !== "ok") return available;
  const foreign = cell(leaf.id, "foreign", place);
  if (foreign > 0) {
    const detail = `${foreign} row${foreign === 1 ? " is" : "s are"} in another currency`;
    return { status: "unknown", because: "currency_mixed", detail };
  }
  return okValue(cell(leaf.id, "value", place), available.provisional);
}

function cohortValue(answer: Answer, leaf: Extract<MetricDef, { readonly kind: "cohort" }>, place: Place): MetricValue {
  const available = answer.available(leaf, place.range);
  if (available.status !== "ok") return available;
  const size = cell(leaf.id, "size", place);
  if (size === 0)
    return { status: "unknown", because: "no_data", detail: "no cohort month with customers begins in these days" };
  const over = cell(leaf.id, "over", place);
  if (leaf.under === undefined) return okValue(over, available.provisional);
  const under = cell(leaf.id, "under", place);
  if (under === 0) {
    const detail = `none of the ${size} customers is ${leaf.matureAfterDays} days old`;
    return { status: "unknown", because: "too_young", detail };
  }
  return okValue(over / under, available.provisional || under < size);
}

function cell(leafId: MetricId, part: Part, place: Place): number {
  const value: Cell | undefined = place.row[columnOf(leafId, part, place.previous)];
  return value === null || value === undefined ? 0 : Number(value);
}

/** A value with what it is compared with. `change` is there only when both are known. */
function compared(value: MetricValue, previous: MetricValue | undefined): Compared {
  if (previous === undefined) return { value };
  if (value.status !== "ok" || previous.status !== "ok") return { value, previous };
  const change = combine([value, previous], ([now = 0, before = 0]) =>
    before === 0 ? noDenominator("the value before is 0") : (now - before) / Math.abs(before),
  );
  return { value, previous, change };
}

interface Places {
  readonly now: Place;
  readonly before: Place | null;
}

function valuesAt(answer: Answer, { now, before }: Places): Readonly<Record<MetricId, Compared>> {
  return Object.fromEntries(
    answer.query.metrics.map((id) => [
      id,
      compared(valueAt(answer, id, now), before === null ? undefined : valueAt(answer, id, before)),
    ]),
  );
}

function placesOf(answer: Answer, row: Row): Places {
  const { query, previous } = answer;
  return {
    now: { row, previous: false, range: query.window },
    before: previous === null ? null : { row, previous: true, range: previous },
  };
}

function totalsOf(answer: Answer): QueryResult["totals"] {
  return valuesAt(answer, placesOf(answer, answer.cells.get("total")?.get("") ?? {}));
}

function rowsOf(answer: Answer): readonly BreakdownRow[] {
  const { breakdown, limit } = answer.query;
  if (breakdown === undefined) return [];
  const rows = isTime(breakdown)
    ? bucketRows(answer, "row", bucketsOf(answer.query.window, breakdown, answer.weekEndsOn))
    : [...(answer.cells.get("row") ?? [])].map(([key, row]) => ({
        key,
        label: key === NO_GROUP ? NO_GROUP_LABELS[breakdown] : String(row["label"] ?? key),
        values: valuesAt(answer, placesOf(answer, row)),
      }));
  return ordered(answer, rows, isTime(breakdown)).slice(0, limit);
}

/** Rows by the metric asked for, else groups by the first metric, greatest first. Values that are not there come last; ties by key. */
function ordered(answer: Answer, rows: readonly BreakdownRow[], byTime: boolean): readonly BreakdownRow[] {
  const { orderBy, metrics } = answer.query;
  if (orderBy === undefined && byTime) return rows;
  const metric = orderBy?.metric ?? metrics[0] ?? "";
  const sign = orderBy?.direction === "asc" ? 1 : -1;
  const rank = (row: BreakdownRow) => {
    const value = row.values[metric]?.value;
    return value?.status === "ok" ? value.value * sign : Number.POSITIVE_INFINITY;
  };
  const byRank = (a: BreakdownRow, b: BreakdownRow) => (rank(a) === rank(b) ? 0 : rank(a) < rank(b) ? -1 : 1);
  return [...rows].sort((a, b) => byRank(a, b) || (a.key < b.key ? -1 : 1));
}

/** One row per bucket of the window, gaps included; each is judged by the coverage of its own days. */
function bucketRows(answer: Answer, level: "row" | "series", buckets: readonly Bucket[]): readonly BreakdownRow[] {
  const { query, previous, cells } = answer;
  const back = previous === null ? 0 : daysBetween(previous.from, query.window.from);
  return buckets.map((bucket) => {
    const before = previous === null ? null : overlap(shifted(bucket, -back), previous);
    return {
      key: bucket.key,
      label: bucket.label,
      values: valuesAt(answer, {
        now: { row: cells.get(level)?.get(bucket.key) ?? {}, previous: false, range: bucket },
        before:
          before === null
            ? null
            : { row: cells.get(`${level}_previous`)?.get(bucket.key) ?? {}, previous: true, range: before },
      }),
    };
  });
}

function shifted(range: DateRange, days: number): DateRange {
  return { from: addDays(range.from, days), to: addDays(range.to, days) };
}

/** The days in both; null when there are none (a shorter range to compare with leaves the last buckets without one). */
function overlap(a: DateRange, b: DateRange): DateRange | null {
  const both = { from: laterDay(a.from, b.from), to: earlierDay(a.to, b.to) };
  return both.from <= both.to ? both : null;
}
