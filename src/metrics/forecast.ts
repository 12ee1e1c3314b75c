/**
 * What is likely next: complete days in, expected days out, each with bands, and where the month lands (D-57). A forecast says what happens
 * if things go on as they did; it knows nothing of a campaign that somebody plans.
 */
import { addDays, type DateRange, daysBetween, daysOf, type ISODate } from "../base/dates.js";
import { BANDS, type BackTest, backTest, LEAST_POINTS } from "../stats/back-test.js";
import {
  fitHoltWinters,
  forecast,
  type HoltWinters,
  type Series,
  type Shape,
  spreadOf,
} from "../stats/holt-winters.js";
import { laterDay } from "./calendar.js";
import type { Catalog } from "./catalog/index.js";
import { calendarOf, type Period, periodOf } from "./fiscal.js";
import { type MetricTarget, targetFor } from "./targets.js";
import type { AnswerContext, BreakdownRow, MetricDef, QueryResult } from "./types.js";

/** Days of history that a forecast learns from: half a year says what is usual now, and more would say what was. */
export const HISTORY_DAYS = 180;
/** Four of each weekday; with fewer a weekday's effect is a guess. */
const SEASON_POINTS = 28;
/** Days that the past is asked for, whatever is asked now: the same day has one forecast, and the month one landing. */
const TESTED_DAYS = 28;

/** An expected amount in the metric's unit, with the ends of its bands. */
export interface Expected {
  readonly value: number;
  readonly low80: number;
  readonly high80: number;
  readonly low95: number;
  readonly high95: number;
}

/** One day to come; a holiday is expected as any other day, and named. */
export interface ExpectedDay extends Expected {
  readonly day: ISODate;
  readonly holiday: string | null;
}

/** Where the fiscal month lands: what is there and what is expected. */
export interface Landing extends Expected {
  readonly period: Period;
  /** What the complete days of the month have brought, and how many days are expected. */
  readonly soFar: number;
  readonly expectedDays: number;
  readonly target: number | null;
}

/** A forecast, or why there is none. */
export type MetricForecast = { readonly metric: MetricDef } & (
  | {
      readonly status: "ok";
      readonly method: "holt" | "holt_winters";
      /** Days between which the model learned, and how many of them have a value that counted. */
      readonly history: DateRange & { readonly points: number };
      /** Days that were left out, with their holiday. */
      readonly leftOut: readonly { readonly day: ISODate; readonly holiday: string }[];
      /** The source may still restate some of the days. */
      readonly provisional: boolean;
      readonly days: readonly ExpectedDay[];
      /** Sum of `days`. */
      readonly sum: Expected;
      /** Null where a day of the month is unknown; `why` says which. */
      readonly landing: Landing | null;
      readonly landingMissing: string | null;
      /** Null where the past is too short to be tested. */
      readonly backTest: BackTest | null;
      readonly smoothing: HoltWinters["smoothing"];
    }
  | { readonly status: "unknown"; readonly because: "too_short" | "days_missing"; readonly detail: string }
);

/** What stands around the days. */
export interface ForecastOptions {
  /** Days ahead. */
  readonly days: number;
  readonly context: AnswerContext;
  readonly catalog: Pick<Catalog, "get">;
  readonly targets: readonly MetricTarget[];
  /** Day -> its holidays, past and to come. */
  readonly holidays: ReadonlyMap<ISODate, string>;
}

/** What the 80 % band says of a target: it is open while the target lies within. */
export function targetVerdict({ low80, high80 }: Expected, target: number, better: MetricDef["better"]): string {
  if (low80 <= target && target <= high80) return "open";
  const isAbove = low80 > target;
  if (better === "neither") return isAbove ? "likely above" : "likely below";
  return isAbove === (better === "up") ? "likely met" : "likely missed";
}

/** The history that forecasts are made from; never a day after the last complete one. */
export function historyWindow({ lastCompleteDay }: AnswerContext): DateRange {
  return { from: addDays(lastCompleteDay, 1 - HISTORY_DAYS), to: lastCompleteDay };
}

/** The days that forecasts look at: the history, the days ahead, and what is left of the month. */
export function forecastWindow(context: AnswerContext, days: number): DateRange {
  const ahead = addDays(context.lastCompleteDay, days);
  const { to } = monthOf(context);
  return { from: historyWindow(context).from, to: laterDay(ahead, to) };
}

/** Forecasts of the metrics of a query by day over `historyWindow`. */
export function forecastsOf(result: QueryResult, options: ForecastOptions): readonly MetricForecast[] {
  return result.query.metrics.map((id) => forecastOf(options.catalog.get(id), result.series, options));
}

interface KnownDay {
  readonly day: ISODate;
  readonly value: number | null;
  readonly detail: string | null;
  readonly provisional: boolean;
}

function forecastOf(metric: MetricDef, rows: readonly BreakdownRow[], options: ForecastOptions): MetricForecast {
  const known = knownDays(metric, rows);
  const { holidays } = options;
  // A shop begins with its first sale; days before it are not days without one.
  const first = known.findIndex(({ value }) => value !== null && value !== 0);
  const last = known.findLastIndex(({ day, value }) => value !== null && !holidays.has(day));
  const used = first < 0 ? [] : known.slice(first, last + 1);
  const series = used.map(({ day, value }) => (holidays.has(day) ? null : value));
  const points = series.filter((value) => value !== null).length;
  if (points < LEAST_POINTS) return { metric, status: "unknown", ...shortness(known, points) };
  const { shape, test } = chosen(series, points);
  const origin = used.at(-1)?.day ?? options.context.lastCompleteDay;
  const model = fitHoltWinters(series, shape);
  // Cents are whole; of orders, expected values have fractions.
  const future = {
    model,
    test,
    origin,
    isNeverNegative: isNeverNegative(used),
    decimals: metric.unit === "money" ? 0 : 2,
  };
  const ahead = daysOf({
    from: addDays(options.context.lastCompleteDay, 1),
    to: addDays(options.context.lastCompleteDay, options.days),
  });
  return {
    metric,
    status: "ok",
    method: shape.period === 7 ? "holt_winters" : "holt",
    history: { from: used[0]?.day ?? origin, to: origin, points },
    leftOut: used.flatMap(({ day, value }) => {
      const holiday = holidays.get(day);
      return holiday === undefined || value === null ? [] : [{ day, holiday }];
    }),
    provisional: used.some(({ provisional }) => provisional),
    days: ahead.map((day) => ({ day, holiday: holidays.get(day) ?? null, ...expectedOf([day], future) })),
    sum: expectedOf(ahead, future),
    ...landingOf(metric, { known, future }, options),
    backTest: test,
    smoothing: future.model.smoothing,
  };
}

function knownDays({ id }: MetricDef, rows: readonly BreakdownRow[]): readonly KnownDay[] {
  return rows.map(({ key, values }) => {
    const value = values[id]?.value;
    const day = key as ISODate;
    return value?.status === "ok"
      ? { day, value: value.value, detail: null, provisional: value.provisional === true }
      : { day, value: null, detail: value?.detail ?? "not asked for", provisional: false };
  });
}

function shortness(known: readonly KnownDay[], points: number) {
  const newest = known.findLast(({ detail }) => detail !== null)?.detail;
  const why = newest === undefined || newest === null ? "" : `; ${newest}`;
  return {
    because: points === 0 && why !== "" ? ("days_missing" as const) : ("too_short" as const),
    detail: `${points} complete days with a value, a forecast needs ${LEAST_POINTS}${why}`,
  };
}

/**
 * Lines for ever, lines that run out (nine tenths of a trend remain after a day, half of it after a week), and with enough days the same
 * with weekdays. Steadier ones come first, and win where none was better.
 */
const SHAPES: readonly Shape[] = [
  { period: 1, damping: 0.9 },
  { period: 1, damping: 1 },
  { period: 7, damping: 0.9 },
  { period: 7, damping: 1 },
];

interface Choice {
  readonly shape: Shape;
  readonly test: BackTest | null;
}

/** The shape that forecast the past best, day by day. */
function chosen(series: Series, points: number): Choice {
  const tried = SHAPES.filter(({ period }) => period === 1 || points >= SEASON_POINTS).map((shape) => ({
    shape,
    test: backTest(series, shape, TESTED_DAYS),
  }));
  const error = ({ test }: Choice) => test?.dayError ?? Number.POSITIVE_INFINITY;
  return tried.reduce((best, one) => (error(one) < error(best) ? one : best));
}

interface Future {
  readonly model: HoltWinters;
  readonly test: BackTest | null;
  /** The last day that the model has seen. */
  readonly origin: ISODate;
  readonly isNeverNegative: boolean;
  readonly decimals: number;
}

function isNeverNegative(known: readonly KnownDay[]): boolean {
  return known.every(({ value }) => value === null || value >= 0);
}

/** The sum of some days to come; `base` is what is there already. */
function expectedOf(days: readonly ISODate[], future: Future, base = 0): Expected {
  const { model, test, origin, isNeverNegative, decimals } = future;
  const places = days.map((day) => daysBetween(origin, day) - 1);
  const least = isNeverNegative ? 0 : Number.NEGATIVE_INFINITY;
  const ahead = forecast(model, Math.max(0, ...places.map((place) => place + 1)));
  const value = places.reduce((sum, place) => sum + Math.max(least, ahead[place] ?? 0), 0);
  const widen = (places.length > 1 ? test?.widenSums : test?.widenDays) ?? 1;
  const spread = spreadOf(model, places) * widen;
  const rounded = (amount: number) => Math.round(amount * 10 ** decimals) / 10 ** decimals;
  const end = (distance: number) => rounded(base + Math.max(least, value + distance * spread));
  return {
    value: rounded(base + value),
    low80: end(-BANDS[80]),
    high80: end(BANDS[80]),
    low95: end(-BANDS[95]),
    high95: end(BANDS[95]),
  };
}

/** The fiscal month of the day after the last complete one. */
function monthOf(context: AnswerContext): Period {
  const calendar = context.calendar ?? calendarOf(context.weekEndsOn ?? 7);
  return periodOf(addDays(context.lastCompleteDay, 1), "month", calendar);
}

function landingOf(
  metric: MetricDef,
  { known, future }: { readonly known: readonly KnownDay[]; readonly future: Future },
  { context, catalog, targets }: ForecastOptions,
): { readonly landing: Landing | null; readonly landingMissing: string | null } {
  const period = monthOf(context);
  const byDay = new Map(known.map((one) => [one.day, one]));
  const isOver = (day: ISODate) => day <= context.lastCompleteDay;
  // The newest days may be late; the model expects them. A hole before days that are there is a question, not a forecast.
  const expected = daysOf(period).filter((day) => (byDay.get(day)?.value ?? null) === null);
  const hole = expected.find((day) => isOver(day) && day <= future.origin);
  if (hole !== undefined) return { landing: null, landingMissing: byDay.get(hole)?.detail ?? `${hole} is not there` };
  const soFar = daysOf(period).reduce((sum, day) => sum + (byDay.get(day)?.value ?? 0), 0);
  const calendar = context.calendar ?? calendarOf(context.weekEndsOn ?? 7);
  const target = targetFor(metric, "month", period, { targets, calendar, catalog });
  const landing = { ...expectedOf(expected, future, soFar), period, soFar, expectedDays: expected.length, target };
  return { landing, landingMissing: null };
}
