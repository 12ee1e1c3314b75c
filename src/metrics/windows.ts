import { addDays, addMonths, type DateRange, daysBetween, type ISODate, isISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { monthEnd, monthStart, weekStart } from "./calendar.js";
import type { Comparison } from "./types.js";

/** What `windowFor` understands; printed by the error and the help. */
export const WINDOW_FORMS = [
  "7d (any number of days)",
  "last 30 days",
  "yesterday",
  "week",
  "last week",
  "month",
  "last month",
  "2026-01-01..2026-01-31",
] as const;

const MAX_DAYS = 3660;

/**
 * The complete days that a phrase names; never a day after `lastCompleteDay`.
 * `30d` and `last 30d` are the days up to the last complete one; `week` and `month` the one that holds it, so far;
 * `last week` and `last month` the newest that is over. Throws `BAD_WINDOW`.
 */
export function windowFor(text: string, lastCompleteDay: ISODate, weekEndsOn: number): DateRange {
  const phrase = text.trim().toLowerCase().replace(/\s+/g, " ");
  const explicit = /^(\S+) ?(?:\.\.|…) ?(\S+)$/.exec(phrase);
  if (explicit !== null) return explicitRange(text, explicit[1] ?? "", explicit[2] ?? "", lastCompleteDay);
  const days = /^(?:last |past )?(\d{1,4}) ?(?:d|days?)$/.exec(phrase);
  if (days !== null) return lastDays(text, Number(days[1]), lastCompleteDay);
  const named = namedWindow(phrase, lastCompleteDay, weekEndsOn);
  return named ?? refuse(text, "it is not a window that is known");
}

function lastDays(text: string, days: number, lastCompleteDay: ISODate): DateRange {
  if (days < 1 || days > MAX_DAYS) return refuse(text, `the number of days must be between 1 and ${MAX_DAYS}`);
  return { from: addDays(lastCompleteDay, 1 - days), to: lastCompleteDay };
}

function namedWindow(phrase: string, last: ISODate, weekEndsOn: number): DateRange | undefined {
  switch (phrase) {
    case "yesterday":
    case "day":
    case "last day":
      return { from: last, to: last };
    case "week":
    case "this week":
      return { from: weekStart(last, weekEndsOn), to: last };
    case "last week":
      return lastWeek(last, weekEndsOn);
    case "month":
    case "this month":
      return { from: monthStart(last), to: last };
    case "last month":
      return lastMonth(last);
    default:
      return undefined;
  }
}

/** The newest seven days ending on the week's last weekday that are all complete. */
function lastWeek(last: ISODate, weekEndsOn: number): DateRange {
  const from = addDays(weekStart(addDays(last, 1), weekEndsOn), -7);
  return { from, to: addDays(from, 6) };
}

function lastMonth(last: ISODate): DateRange {
  const from = monthStart(addDays(monthStart(addDays(last, 1)), -1));
  return { from, to: monthEnd(from) };
}

function explicitRange(text: string, from: string, to: string, last: ISODate): DateRange {
  if (!isISODate(from) || !isISODate(to)) return refuse(text, "a range is two dates, YYYY-MM-DD..YYYY-MM-DD");
  if (from > to) return refuse(text, "it ends before it begins");
  if (to > last) return refuse(text, `the last complete day is ${last}`);
  return { from, to };
}

function refuse(text: string, why: string): never {
  throw new GrowthosError({
    code: "BAD_WINDOW",
    what: `"${text}" cannot be used as a window`,
    why,
    hint: `write one of: ${WINDOW_FORMS.join(", ")}`,
    exit: "usage",
  });
}

/** The days that a comparison looks at: the same length just before, 364 days earlier (same weekdays), the same dates, or as given. */
export function comparedRange(window: DateRange, compare: Comparison): DateRange {
  if (compare.kind === "range") return compare.range;
  if (compare.kind === "same_date") return yearEarlier(window);
  const back = compare.kind === "year_over_year" ? 364 : daysBetween(window.from, window.to) + 1;
  return { from: addDays(window.from, -back), to: addDays(window.to, -back) };
}

/** The same dates a year earlier; a window that ends a month is compared up to the end of that month, 29 February included. */
function yearEarlier(window: DateRange): DateRange {
  const to = addMonths(window.to, -12);
  return { from: addMonths(window.from, -12), to: window.to === monthEnd(window.to) ? monthEnd(to) : to };
}

/** The day of the range before on which a day of the window stands in a series; it may lie outside of that range. */
export function counterpart(day: ISODate, window: DateRange, compare: Comparison): ISODate {
  if (compare.kind === "same_date") return addMonths(day, -12);
  return addDays(day, daysBetween(window.from, comparedRange(window, compare).from));
}
