import { type Calendar, type DateRange, daysOf, type ISODate, isoWeekday, rangeLength } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { Database, Row } from "../warehouse/types.js";
import { type AGGREGATES, compileSixTwelve, type DailySeries } from "./compile-six-twelve.js";
import { dayYearBefore, type Period, type PeriodUnit, periodOf, shiftPeriod, yearBefore } from "./fiscal.js";
import type { MetricValue } from "./types.js";

/** What a line of the review shows: a daily figure, or others that are combined after they were aggregated. */
export type Figure =
  | (DailySeries & { readonly kind: "series"; readonly aggregate: keyof typeof AGGREGATES })
  | {
      readonly kind: "function";
      /** Left to right; `divide` is a ratio of aggregates. */
      readonly function: "sum" | "difference" | "product" | "divide";
      /** Ids of other figures, at least two. */
      readonly of: readonly string[];
    };

/** What is asked for. */
export interface SixTwelveRequest {
  /** Last day of the newest week; on the calendar's weekday. */
  readonly weekEnding: ISODate;
  readonly calendar: Calendar;
  readonly figures: Readonly<Record<string, Figure>>;
  /** Months: the last twelve that are over (default), or those of the fiscal year, the coming ones without values. */
  readonly months?: "trailing" | "fiscal_year";
  /** `strict` (default): a period with a missing day is unknown. `as_is`: what is there is taken for the whole. */
  readonly partial?: "strict" | "as_is";
  /** Ids of figures whose changes are differences (rates, told in basis points) and no shares of the value before. */
  readonly differences?: readonly string[];
}

/** A period, and the one of the year before that it is compared with: null where there is none (week 53). */
export interface Slot extends Pick<Period, "from" | "to" | "label"> {
  readonly before: DateRange | null;
}

/** One figure: six weeks, twelve months, and the nine cells. Changes are decimals (0.15 = 15 %), or differences where asked for. */
export interface SixTwelve {
  readonly weeks: readonly MetricValue[];
  readonly weeksBefore: readonly MetricValue[];
  readonly months: readonly MetricValue[];
  readonly monthsBefore: readonly MetricValue[];
  readonly box: Readonly<
    Record<
      | "lastWeek"
      | "weekOverWeek"
      | "yearOverYear"
      | "mtd"
      | "mtdYearOverYear"
      | "qtd"
      | "qtdYearOverYear"
      | "ytd"
      | "ytdYearOverYear",
      MetricValue
    >
  >;
}

/** The answer, with the statement that was run. */
export interface SixTwelveResult {
  readonly weeks: readonly Slot[];
  readonly months: readonly Slot[];
  readonly toDate: Readonly<Record<"mtd" | "qtd" | "ytd", Slot>>;
  readonly figures: Readonly<Record<string, SixTwelve>>;
  readonly sql: string;
}

/**
 * The figures of a weekly business review: six weeks and twelve months of this year and the last, and the nine cells beside them.
 * Weeks are compared 364 days back and dates one calendar year back, or, in a calendar of whole weeks, with the same fiscal place.
 * Throws `BAD_FIGURE` (usage) for a week that ends on another weekday, and for functions of unknown figures or of themselves.
 */
export async function readSixTwelve(db: Database, request: SixTwelveRequest): Promise<SixTwelveResult> {
  const { calendar, weekEnding } = request;
  if (isoWeekday(weekEnding) !== calendar.weekEndsOn) {
    refuse(`${weekEnding} is no last day of a week`, "give a day on which the shop's weeks end");
  }
  requireOrder(request.figures);
  const slots = slotsOf(request);
  const ranges = [...slots.weeks, ...slots.months, slots.toDate.mtd, slots.toDate.qtd, slots.toDate.ytd].flatMap(
    (slot) => [{ from: slot.from, to: slot.to }, ...(slot.before === null ? [] : [slot.before])],
  );
  const series = Object.values(request.figures).filter((figure) => figure.kind === "series");
  const sql = compileSixTwelve(series, ranges);
  const cells = new Map((await db.all(sql)).map((row) => [`${String(row["series"])} ${String(row["period"])}`, row]));
  const keys = ranges.map(keyOf);
  const places = new Map<DailySeries, number>(series.map((figure, index) => [figure, index]));
  const rowOf = (figure: DailySeries, range: DateRange) =>
    cells.get(`${places.get(figure)} ${keys.indexOf(keyOf(range))}`);
  const reader: Reader = { request, rowOf };
  return {
    ...slots,
    figures: Object.fromEntries(Object.keys(request.figures).map((id) => [id, figureOf(reader, id, slots)])),
    sql,
  };
}

/** The periods of a review: six weeks, twelve months and the dates so far, each with the place of the year before. */
export function slotsOf({
  weekEnding,
  calendar,
  months = "trailing",
}: Pick<SixTwelveRequest, "weekEnding" | "calendar" | "months">): Pick<SixTwelveResult, "weeks" | "months" | "toDate"> {
  const week = periodOf(weekEnding, "week", calendar);
  const month = periodOf(weekEnding, "month", calendar);
  const newest = month.to === weekEnding ? month : shiftPeriod(month, -1, calendar);
  const last = months === "trailing" ? newest : shiftPeriod(month, 12 - month.number, calendar);
  return {
    weeks: series(week, 6, calendar),
    months: series(last, 12, calendar),
    toDate: {
      mtd: toDate("month", weekEnding, calendar),
      qtd: toDate("quarter", weekEnding, calendar),
      ytd: toDate("year", weekEnding, calendar),
    },
  };
}

function series(last: Period, count: number, calendar: Calendar): readonly Slot[] {
  return Array.from({ length: count }, (_, index) => {
    const { from, to, label, ...rest } = shiftPeriod(last, index + 1 - count, calendar);
    const before = yearBefore({ from, to, label, ...rest }, calendar);
    return { from, to, label, before: before === null ? null : { from: before.from, to: before.to } };
  });
}

/** From the first day of a period to a day; the year before ends with its period when the place does not exist there (week 53). */
function toDate(unit: Exclude<PeriodUnit, "week">, day: ISODate, calendar: Calendar): Slot {
  const period = periodOf(day, unit, calendar);
  const before = yearBefore(period, calendar);
  return {
    from: period.from,
    to: day,
    label: `${period.label} to ${day}`,
    before: before === null ? null : { from: before.from, to: dayYearBefore(day, calendar) ?? before.to },
  };
}

interface Reader {
  readonly request: SixTwelveRequest;
  readonly rowOf: (series: DailySeries, range: DateRange) => Row | undefined;
}

function figureOf(reader: Reader, id: string, { weeks, months, toDate: dates }: ReturnType<typeof slotsOf>): SixTwelve {
  const { weekEnding, differences = [] } = reader.request;
  const now = (slot: Slot) => (slot.to > weekEnding ? NOT_OVER : figureValue(reader, id, slot));
  const before = (slot: Slot) => (slot.before === null ? NO_PLACE : figureValue(reader, id, slot.before));
  const change = differences.includes(id) ? differenceOf : shareOf;
  const [previousWeek, lastWeek] = weeks.slice(-2) as [Slot, Slot];
  const against = (slot: Slot) => change(now(slot), before(slot), "the year before");
  return {
    weeks: weeks.map(now),
    weeksBefore: weeks.map(before),
    months: months.map(now),
    monthsBefore: months.map(before),
    box: {
      lastWeek: now(lastWeek),
      weekOverWeek: change(now(lastWeek), now(previousWeek), "the week before"),
      yearOverYear: against(lastWeek),
      mtd: now(dates.mtd),
      mtdYearOverYear: against(dates.mtd),
      qtd: now(dates.qtd),
      qtdYearOverYear: against(dates.qtd),
      ytd: now(dates.ytd),
      ytdYearOverYear: against(dates.ytd),
    },
  };
}

const NOT_OVER: MetricValue = { status: "unknown", because: "no_data", detail: "the period is not over" };
const NO_PLACE: MetricValue = { status: "unknown", because: "no_data", detail: "the year before has no week 53" };

function figureValue(reader: Reader, id: string, range: DateRange): MetricValue {
  const figure = reader.request.figures[id];
  if (figure === undefined) return refuse(`there is no figure "${id}"`, "name a figure of the request");
  if (figure.kind === "series") return seriesValue(reader, figure, range);
  const parts = figure.of.map((one) => figureValue(reader, one, range));
  const missing = parts.find((part) => part.status !== "ok");
  if (missing !== undefined) return missing;
  const [first = 0, ...rest] = parts.map((part) => (part.status === "ok" ? part.value : 0));
  if (figure.function === "divide" && rest.includes(0)) {
    return { status: "undefined", because: "zero_denominator", detail: `${figure.of.slice(1).join(" or ")} is 0` };
  }
  return { status: "ok", value: rest.reduce(FUNCTIONS[figure.function], first) };
}

const FUNCTIONS = {
  sum: (a: number, b: number) => a + b,
  difference: (a: number, b: number) => a - b,
  product: (a: number, b: number) => a * b,
  divide: (a: number, b: number) => a / b,
} as const;

function seriesValue(
  { request, rowOf }: Reader,
  figure: Extract<Figure, { kind: "series" }>,
  range: DateRange,
): MetricValue {
  const row = rowOf(figure, range);
  if (row === undefined) {
    return {
      status: "unknown",
      because: "no_data",
      detail: `nothing of ${figure.name} in ${range.from} … ${range.to}`,
    };
  }
  const days = Number(row["days"]);
  const length = rangeLength(range);
  if (days < length && request.partial !== "as_is") {
    const present = new Set(String(row["present"]).split(" "));
    const missing = daysOf(range).filter((day) => !present.has(day));
    const named = missing.length > 3 ? `${missing[0]} and ${missing.length - 1} more` : missing.join(", ");
    return { status: "unknown", because: "days_missing", detail: `${days} of ${length} days; missing: ${named}` };
  }
  return { status: "ok", value: Number(row[figure.aggregate]) };
}

type Change = (now: MetricValue, before: MetricValue, what: string) => MetricValue;

const differenceOf: Change = (now, before, what) =>
  bothKnown(now, before, what) ?? { status: "ok", value: valueIn(now) - valueIn(before) };

const shareOf: Change = (now, before, what) => {
  const unknown = bothKnown(now, before, what);
  if (unknown !== null) return unknown;
  if (valueIn(before) === 0) return { status: "undefined", because: "zero_denominator", detail: `${what} is 0` };
  return { status: "ok", value: (valueIn(now) - valueIn(before)) / Math.abs(valueIn(before)) };
};

function bothKnown(now: MetricValue, before: MetricValue, what: string): MetricValue | null {
  if (now.status !== "ok") return now;
  return before.status === "ok" ? null : { ...before, detail: `${what}: ${before.detail}` };
}

function valueIn(value: MetricValue): number {
  return value.status === "ok" ? value.value : Number.NaN;
}

/** Functions may name other functions, but not in a circle. */
function requireOrder(figures: SixTwelveRequest["figures"]): void {
  const visit = (id: string, trail: readonly string[]): void => {
    const figure = figures[id];
    if (figure === undefined) refuse(`there is no figure "${id}"`, `define it, or correct ${trail.join(" -> ")}`);
    else if (trail.includes(id)) refuse(`${[...trail, id].join(" -> ")} is a circle`, "no figure is made of itself");
    else if (figure.kind === "function") {
      if (figure.of.length < 2) refuse(`${id} combines fewer than two figures`, "name at least two");
      for (const one of figure.of) visit(one, [...trail, id]);
    }
  };
  for (const id of Object.keys(figures)) visit(id, []);
}

function keyOf({ from, to }: DateRange): string {
  return `${from}..${to}`;
}

function refuse(what: string, hint: string): never {
  throw new GrowthosError({ code: "BAD_FIGURE", what, hint, exit: "usage" });
}

/** Something that happened, told beside a figure. */
export interface ReviewEvent {
  readonly day: ISODate;
  readonly figure: string;
  readonly text: string;
}

/** The events of a figure by week, this year's and those of the weeks compared with: all of them, in order of their days. */
export function eventsOf(
  events: readonly ReviewEvent[],
  figure: string,
  weeks: readonly Slot[],
): readonly { readonly week: string; readonly now: readonly ReviewEvent[]; readonly before: readonly ReviewEvent[] }[] {
  const own = events.filter((event) => event.figure === figure).sort((a, b) => (a.day < b.day ? -1 : 1));
  const within = (range: DateRange | null) =>
    own.filter(({ day }) => range !== null && range.from <= day && day <= range.to);
  return weeks.map((week) => ({ week: week.label, now: within(week), before: within(week.before) }));
}
