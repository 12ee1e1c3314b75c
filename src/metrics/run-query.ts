import { addDays, type Calendar, type DateRange, type ISODate } from "../base/dates.js";
import type { Database, Row } from "../warehouse/types.js";
import { bucketStart, earlierDay, laterDay, monthEnd, monthStart } from "./calendar.js";
import { CATALOG, type Catalog } from "./catalog/index.js";
import { compile, type Level } from "./compile.js";
import {
  type Availability,
  availability,
  availabilityAsIs,
  type Coverage,
  firstCoveredDay,
  readCoverage,
} from "./coverage.js";
import { cohortGrain, isTime, leavesOf, martsOf, needsOf } from "./leaves.js";
import { MARTS, type MartName, NO_GROUP, NO_GROUP_LABELS } from "./marts.js";
import { type Timeline, timelineOf } from "./points.js";
import { requireQuery } from "./query.js";
import { narrowed, platformsOf, readToldDays, type ToldDay, toldAvailability } from "./told-days.js";
import type {
  AnswerContext,
  BreakdownRow,
  Having,
  MetricId,
  NumberOperator,
  QueryResult,
  SemanticQuery,
} from "./types.js";
import { compared, type Place, type Sums, valueAt } from "./values.js";
import { comparedRange } from "./windows.js";

/** What a caller with many questions prepares once. */
export interface RunOptions {
  /** The shipped catalog, or one with a user's own metrics. */
  readonly catalog?: Catalog;
  /** Read from the build when absent. */
  readonly coverage?: Coverage;
  /** More metrics than a question may name, for callers that ask for the whole catalog. Default 15. */
  readonly mostMetrics?: number;
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
  const { lastCompleteDay, timeZone } = context;
  const asked = requireQuery(query, { catalog, lastCompleteDay, mostMetrics: options.mostMetrics });
  const weekEndsOn = rulesFor(asked, catalog, context);
  const coverage = options.coverage ?? (await readCoverage(db));
  const { sql } = compile(asked, { catalog, weekEndsOn, timeZone });
  const cells = cellsOf(await db.all(sql));
  const toldDays = await toldDaysFor(db, asked, catalog);
  return answerFrom(asked, { cells, sql, toldDays }, { catalog, coverage, context });
}

/** What a statement found for a question, and what its values are judged by. */
export interface Found {
  readonly cells: Cells;
  readonly sql: string;
  readonly toldDays: readonly ToldDay[];
}

/** Values from sums: divided after summing, each known or with the reason why it is not. */
export function answerFrom(
  asked: SemanticQuery,
  { cells, sql, toldDays }: Found,
  around: { readonly catalog: Catalog; readonly coverage: Coverage; readonly context: AnswerContext },
): QueryResult {
  const { catalog, coverage, context } = around;
  const { lastCompleteDay, timeZone, currency } = context;
  const weekEndsOn = rulesFor(asked, catalog, context);
  const answer: Answer = {
    query: asked,
    catalog,
    previous: previousOf(asked),
    cells,
    timeline: (grain) => timelineOf(grain, { window: asked.window, compare: asked.compare, weekEndsOn, timeZone }),
    available: availabilityOf(asked, { coverage, toldDays }, { lastCompleteDay, calendar: weekEndsOn, currency }),
  };
  return {
    query: asked,
    totals: valuesAt(answer, placesOf(answer, cells("total", ""), null)),
    rows: rowsOf(answer),
    series: asked.grain === undefined ? [] : seriesOf(answer, answer.timeline(asked.grain), "series"),
    sql: [sql],
  };
}

/** The range that a question compares with; null when it does not. */
export function previousOf({ window, compare }: SemanticQuery): DateRange | null {
  return compare === undefined ? null : comparedRange(window, compare);
}

/** True for questions about ad spend within days: not every day is told so finely. */
export function asksWithinDays(query: SemanticQuery, catalog: Catalog): boolean {
  const needs = needsOf(query);
  const marts = leavesOf(query.metrics, catalog).flatMap((leaf) => martsOf(leaf, needs));
  return marts.some((mart) => MARTS[mart].told !== undefined);
}

async function toldDaysFor(db: Database, query: SemanticQuery, catalog: Catalog): Promise<readonly ToldDay[]> {
  if (!asksWithinDays(query, catalog)) return [];
  const previous = previousOf(query);
  return readToldDays(db, [query.window, ...(previous === null ? [] : [previous])]);
}

/** Cohorts are of calendar months, also where fiscal months are whole weeks: asked for alone, they are told by those. */
function rulesFor(query: SemanticQuery, catalog: Catalog, context: AnswerContext): Calendar | number {
  const rules = context.calendar ?? context.weekEndsOn ?? 7;
  if (typeof rules === "number" || rules.periods === "months") return rules;
  const leaves = leavesOf(query.metrics, catalog);
  const isOfCohorts = leaves.length > 0 && leaves.every((leaf) => leaf.kind === "cohort");
  return isOfCohorts && cohortGrain(query) === "month" ? { ...rules, periods: "months" } : rules;
}

interface Answer extends Sums {
  readonly query: SemanticQuery;
  readonly previous: DateRange | null;
  readonly cells: Cells;
  readonly timeline: (grain: NonNullable<SemanticQuery["grain"]>) => Timeline;
}

/** The merged columns of all scans for a row and a point of a level; empty when there are none. */
export type Cells = {
  (level: Level, key: string, point?: string | null): Row;
  /** The keys of a level. */
  keys(level: Level): readonly string[];
};

/** Cells from the rows of a statement. */
export function cellsOf(rows: readonly Row[]): Cells {
  const levels = new Map<string, Map<string, Row>>();
  for (const row of rows) {
    const level = String(row["level"]);
    const places = levels.get(level) ?? new Map<string, Row>();
    const place = placeKey(row["key"], row["point"]);
    // Each scan fills its own columns; the others are null in its rows.
    const filled = Object.entries(row).filter(([, value]) => value !== null);
    places.set(place, { ...places.get(place), ...Object.fromEntries(filled) });
    levels.set(level, places);
  }
  const cells = (level: Level, key: string, point: string | null = null) =>
    levels.get(level)?.get(placeKey(key, point)) ?? {};
  const keys = (level: Level) =>
    [...(levels.get(level)?.values() ?? [])].flatMap((row) => row["key"] ?? []).map(String);
  return Object.assign(cells, { keys });
}

function placeKey(key: Row[string] | undefined, point: Row[string] | undefined): string {
  return `${key ?? ""}\0${point ?? ""}`;
}

function availabilityOf(
  query: SemanticQuery,
  { coverage, toldDays }: { readonly coverage: Coverage; readonly toldDays: readonly ToldDay[] },
  days: { readonly lastCompleteDay: ISODate; readonly calendar: Calendar | number; readonly currency: string },
): Answer["available"] {
  const { lastCompleteDay: last, calendar, currency } = days;
  const judge = query.partial === "as_is" ? availabilityAsIs : availability;
  const needs = needsOf(query);
  const known = new Map<string, Availability>();
  const ofMart = (mart: MartName, range: DateRange, group: string | null) => {
    const { told } = MARTS[mart];
    const platforms = told === undefined ? null : platformsOf(query, group);
    const key = `${mart} ${range.from} ${range.to} ${told === undefined ? "" : group}`;
    const landed = known.get(key) ?? judge(coverage, narrowed(MARTS[mart], platforms), range, last);
    const value =
      told === undefined || known.has(key)
        ? landed
        : toldAvailability(landed, toldDays, { told, platforms, range, asIs: query.partial === "as_is", currency });
    known.set(key, value);
    return value;
  };
  const cohort = cohortGrain(query);
  // Cohorts of a month are those of the calendar month, whatever the fiscal one is.
  const cohortsOf = (range: DateRange): DateRange =>
    cohort === "month"
      ? { from: monthStart(range.from), to: monthEnd(range.to) }
      : { from: bucketStart(range.from, cohort, calendar), to: addDays(bucketStart(range.to, cohort, calendar), 6) };
  return (leaf, { range, group }) => {
    const answers = martsOf(leaf, needs).map((mart) => {
      const days =
        leaf.kind === "cohort"
          ? cohortDays(cohortsOf(range), leaf.matureAfterDays, firstCoveredDay(coverage, MARTS[mart]), last)
          : range;
      return ofMart(mart, days, group);
    });
    const missing = answers.find((answer) => answer.status === "unknown");
    if (missing !== undefined) return missing;
    const known = answers.flatMap((answer) => (answer.status === "ok" ? [answer] : []));
    const partial = [...new Set(known.flatMap((answer) => answer.partial ?? []))];
    return {
      status: "ok",
      provisional: known.some((answer) => answer.provisional),
      ...(partial.length === 0 ? {} : { partial: partial.join("; ") }),
    };
  };
}

/** The days on which cohorts rest: their months or weeks and the days that they need to mature, as far as there are any. */
function cohortDays(cohorts: DateRange, matureAfterDays: number, first: ISODate | null, last: ISODate): DateRange {
  return {
    // Customers from before the first load are not known as a cohort at all, so its month may begin late.
    from: first === null || first > cohorts.to ? cohorts.from : laterDay(cohorts.from, first),
    to: earlierDay(addDays(cohorts.to, matureAfterDays), last),
  };
}

interface Places {
  readonly now: Place;
  readonly before: Place | null;
}

function valuesAt(answer: Answer, { now, before }: Places): BreakdownRow["values"] {
  return Object.fromEntries(
    answer.query.metrics.map((id) => [
      id,
      compared(valueAt(answer, id, now), before === null ? undefined : valueAt(answer, id, before)),
    ]),
  );
}

function placesOf({ query, previous }: Answer, row: Row, group: string | null): Places {
  return {
    now: { row, previous: false, range: query.window, origin: query.window.from, group },
    before: previous === null ? null : { row, previous: true, range: previous, origin: previous.from, group },
  };
}

function rowsOf(answer: Answer): readonly BreakdownRow[] {
  const { breakdown, grain, having = [], limit } = answer.query;
  if (breakdown === undefined) return [];
  const rows = isTime(breakdown)
    ? seriesOf(answer, answer.timeline(breakdown), "row")
    : answer.cells.keys("row").map((key) => {
        const row = answer.cells("row", key);
        return {
          key,
          label: key === NO_GROUP ? NO_GROUP_LABELS[breakdown] : String(row["label"] ?? key),
          values: valuesAt(answer, placesOf(answer, row, key)),
        };
      });
  const kept = rows.filter((row) => having.every((condition) => meets(row, condition)));
  const shown = ordered(answer.query, kept).slice(0, limit);
  if (isTime(breakdown) || grain === undefined) return shown;
  const timeline = answer.timeline(grain);
  return shown.map((row) => ({ ...row, series: seriesOf(answer, timeline, "row_series", row.key) }));
}

function meets(row: BreakdownRow, { metric, operator, value }: Having): boolean {
  const own = row.values[metric]?.value;
  return own?.status === "ok" && COMPARE[operator](own.value, value);
}

const COMPARE: Readonly<Record<NumberOperator, (a: number, b: number) => boolean>> = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
};

/** Rows by the metric asked for, else groups by the first metric, greatest first. Values that are not there come last; ties by key. */
function ordered(
  { orderBy, metrics, breakdown }: SemanticQuery,
  rows: readonly BreakdownRow[],
): readonly BreakdownRow[] {
  if (orderBy === undefined && breakdown !== undefined && isTime(breakdown)) return rows;
  const metric: MetricId = orderBy?.metric ?? metrics[0] ?? "";
  const sign = orderBy?.direction === "asc" ? 1 : -1;
  const rank = (row: BreakdownRow) => {
    const value = row.values[metric]?.value;
    return value?.status === "ok" ? value.value * sign : Number.POSITIVE_INFINITY;
  };
  const byRank = (a: BreakdownRow, b: BreakdownRow) => (rank(a) === rank(b) ? 0 : rank(a) < rank(b) ? -1 : 1);
  return [...rows].sort((a, b) => byRank(a, b) || (a.key < b.key ? -1 : 1));
}

/** One row per point of the window, gaps included; each is judged by the coverage of its own days. */
function seriesOf(
  answer: Answer,
  timeline: Timeline,
  level: "row" | "series" | "row_series",
  group: string | null = null,
): readonly BreakdownRow[] {
  const { query, previous, cells } = answer;
  // The rows of a breakdown by time have their point as key.
  const at = (of: Level, point: string) => (level === "row" ? cells(of, point) : cells(of, group ?? "", point));
  return timeline.points.map(({ key, label, now, before, cell, cellBefore }) => ({
    key,
    label,
    values: valuesAt(answer, {
      now: { row: at(level, cell), previous: false, range: now, origin: query.window.from, group },
      before:
        before === null || cellBefore === null || previous === null
          ? null
          : { row: at(`${level}_previous`, cellBefore), previous: true, range: before, origin: previous.from, group },
    }),
  }));
}
