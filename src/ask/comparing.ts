/** Which days are asked for, and which they are held against. */
import { addDays, addMonths, type DateRange, daysBetween } from "../base/dates.js";
import { earlierDay } from "../metrics/calendar.js";
import { periodOf, shiftPeriod } from "../metrics/fiscal.js";
import type { Comparison } from "../metrics/types.js";
import { comparedRange } from "../metrics/windows.js";
import { type Draft, isKind, ofKind, type Reading, refuse } from "./draft.js";
import { sameHoliday } from "./holidays.js";
import type { NamedWindow, SpanOf } from "./types.js";
import { type Days, rolling, soFar } from "./windows.js";

/** The days of a question; `isDefault`: it names none. */
export interface Compared {
  readonly window: NamedWindow;
  readonly isDefault: boolean;
  readonly compare: Draft["compare"] | null;
}

const DEFAULT_DAYS = 7;

/** Reads windows and comparisons. `hasGroups`: "compare" is then about rows, not about days. */
export function comparedDays(reading: Reading, hasGroups: boolean): Compared {
  const { spans, language } = reading;
  const { days } = language;
  const windows = ofHolidays(reading);
  if (windows.length > 2)
    refuse("TOO_MUCH", `${windows.length} ranges of days are named; one is compared with one other`);
  const [first, second] = windows;
  if (first !== undefined && second !== undefined) return pair(first.meaning.window, second.meaning.window, days);
  if (first !== undefined && isOther(reading, first)) return againstNow(first.meaning.window, days);
  const named = first?.meaning.window ?? null;
  const said = ofKind(spans, "previous")[0]?.meaning.with;
  const window = named ?? (said === "month" ? soFar("month", days) : rolling(DEFAULT_DAYS, days));
  const isChange =
    spans.some((span) => isKind(span, "change")) || (!hasGroups && spans.some((span) => isKind(span, "compare")));
  const before = ofKind(spans, "days_before")[0]?.meaning.days;
  if (before !== undefined) return { window, isDefault: named === null, compare: daysBefore(window, before) };
  if (said === "week_ago" || said === "month_ago")
    return { window, isDefault: named === null, compare: ago(window, said) };
  const compare =
    said === "year" ? yearBefore(window, days) : said !== undefined || isChange ? periodBefore(window, days) : null;
  return { window, isDefault: named === null && said !== "month", compare };
}

/**
 * The windows of a question, where a year beside a holiday has become the holiday of that year: "in 2024 … on black friday" is one window,
 * "black friday last year vs this year" are two. A year that is held against the holiday stays one.
 */
function ofHolidays({ spans, language }: Reading): readonly SpanOf<"window">[] {
  const windows = ofKind(spans, "window");
  const feast = windows.find(({ meaning }) => meaning.window.holiday !== undefined);
  const years = windows.filter(({ meaning }) => meaning.window.unit === "year");
  if (feast === undefined || years.length !== windows.length - 1 || years.length === 0) return windows;
  const isAgainst = spans.some((span) => isKind(span, "versus", "compare", "change", "previous"));
  if (years.length === 1 && isAgainst) return windows;
  return years.map((span) => ({
    ...span,
    meaning: { kind: "window", window: holidayOf(feast.meaning.window, span.meaning.window, language.days, "in") },
  }));
}

/** True for days that come behind "vs" or "compared to": then they are what is compared with. */
function isOther({ spans, tokens }: Reading, window: SpanOf<"window">): boolean {
  const before = spans[spans.indexOf(window) - 1];
  if (before === undefined) return false;
  const word = tokens[window.from - 1]?.text ?? "";
  if (isKind(before, "versus") || word === "than") return true;
  const own = tokens[window.from]?.text ?? "";
  const isLed =
    ["to", "from", "than", "with", "on"].includes(word) ||
    ((own === "from" || own === "on") && !window.meaning.window.name.includes(" to "));
  return isLed && spans.slice(0, spans.indexOf(window)).some((span) => isKind(span, "compare", "change"));
}

/** Of two ranges the later is asked for, the earlier is what it is held against. */
function pair(a: NamedWindow, b: NamedWindow, days: Days): Compared {
  // "Black friday vs last year", "black friday 2025 vs 2024": a year beside a holiday means the holiday.
  if (a.holiday !== undefined && b.unit === "year") return pair(a, holidayOf(a, b, days), days);
  if (b.holiday !== undefined && a.unit === "year") return pair(b, holidayOf(b, a, days), days);
  const isSwapped = b.range.to > a.range.to || (b.range.to === a.range.to && b.range.from > a.range.from);
  const [window, other] = isSwapped ? [b, a] : [a, b];
  return { window, isDefault: false, compare: against(window, other, days) };
}

/** The same holiday in the year of other days; where it is held against the very year in which it is, in the one before. */
function holidayOf(
  { name, holiday }: NamedWindow,
  { range }: NamedWindow,
  days: Days,
  how: "in" | "against" = "against",
): NamedWindow {
  const year = Number(range.from.slice(0, 4));
  const isOwn = how === "against" && holiday !== undefined && Number(holiday.day.slice(0, 4)) === year;
  const found = holiday === undefined ? null : sameHoliday(holiday, isOwn ? null : year, days);
  return found ?? refuseHoliday(name, isOwn ? year - 1 : year);
}

function refuseHoliday(name: string, year: number): never {
  return refuse("OUTSIDE_DATA", `${name} has no counterpart: the one of ${year} is not over, or no day of it is known`);
}

/** "vs last month": the month that runs is asked for. */
function againstNow(other: NamedWindow, days: Days): Compared {
  if (other.name === "yesterday")
    refuse(
      "NOT_COMPLETE",
      `today is not over: the last complete day is ${days.last}`,
      "compare yesterday to the day before yesterday",
    );
  if (other.unit === undefined) return { window: other, isDefault: false, compare: periodBefore(other, days) };
  const window = soFar(other.unit, days);
  return { window, isDefault: false, compare: against(window, other, days) };
}

/** A period so far is held against as many days of the other one: three days against seven would say nothing. */
function against(window: NamedWindow, other: NamedWindow, days: Days): Draft["compare"] {
  if (other.range.from === window.range.from)
    return isWeekday(window) && isWeekday(other) ? ago(window, "week_ago") : periodBefore(window, days);
  const length = daysBetween(window.range.from, window.range.to);
  const isCut = isPart(window, days) && other.unit === window.unit;
  const to = isCut ? earlierDay(addDays(other.range.from, length), other.range.to) : other.range.to;
  const isShorter = to < other.range.to;
  const name = isShorter ? `the same ${length + 1} days of ${other.name}` : other.name;
  return { comparison: plainest(window, { from: other.range.from, to }), name };
}

/** "This monday vs last monday": said twice, it is also that of the week before. */
function isWeekday({ name }: NamedWindow): boolean {
  return /^[A-Z][a-z]+day, /.test(name);
}

/** True for a calendar period that is not over. */
function isPart({ range, unit }: NamedWindow, { calendar }: Days): boolean {
  return unit !== undefined && periodOf(range.from, unit, calendar).to > range.to;
}

/** The calendar period before, or the same number of days. */
function periodBefore(window: NamedWindow, days: Days): Draft["compare"] {
  const { unit, range, holiday } = window;
  if (holiday !== undefined)
    return against(
      window,
      sameHoliday(holiday, null, days) ?? refuseHoliday(window.name, Number(holiday.day.slice(0, 4)) - 1),
      days,
    );
  if (unit === undefined) return { comparison: { kind: "previous" }, name: "the days before" };
  const { from, to } = shiftPeriod(periodOf(range.from, unit, days.calendar), -1, days.calendar);
  return against(window, { range: { from, to }, name: `the ${unit} before`, unit }, days);
}

/** So many days right before. */
function daysBefore(window: NamedWindow, days: number): Draft["compare"] {
  const to = addDays(window.range.from, -1);
  return { comparison: plainest(window, { from: addDays(to, 1 - days), to }), name: `the ${days} days before` };
}

/** The same weekdays a week earlier, the same dates a month earlier. */
function ago(window: NamedWindow, said: "week_ago" | "month_ago"): Draft["compare"] {
  const { from, to } = window.range;
  const range =
    said === "week_ago"
      ? { from: addDays(from, -7), to: addDays(to, -7) }
      : { from: addMonths(from, -1), to: addMonths(to, -1) };
  const name = said === "week_ago" ? "the same weekdays a week earlier" : "the same dates a month earlier";
  return { comparison: plainest(window, range), name };
}

/** Weeks and days are held against the same weekdays, months and longer against the same dates. */
function yearBefore(window: NamedWindow, days: Days): Draft["compare"] {
  const { unit, holiday } = window;
  if (holiday !== undefined) return periodBefore(window, days);
  return unit === undefined || unit === "week"
    ? { comparison: { kind: "year_over_year" }, name: "the same weekdays a year earlier" }
    : { comparison: { kind: "same_date" }, name: "the same dates a year earlier" };
}

/** The simplest comparison that means these days. */
function plainest({ range: window }: NamedWindow, range: DateRange): Comparison {
  const kinds = ["previous", "same_date"] as const;
  const kind = kinds.find((one) => {
    const found = comparedRange(window, { kind: one });
    return found.from === range.from && found.to === range.to;
  });
  return kind === undefined ? { kind: "range", range } : { kind };
}
