import { addDays, type Calendar, type DateRange, daysBetween, type ISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { nearest } from "../base/ids.js";
import { dayYearBefore, periodOf, yearBefore } from "./fiscal.js";
import { holidayNames, type Occurrence, occurrencesIn } from "./holidays.js";

/** The days that a window is compared with, and what somebody has to know who reads the change; null when nothing. */
export interface ComparedDays {
  readonly range: DateRange;
  readonly note: string | null;
}

const YEAR = 364;

/** The same weekdays 364 days earlier; says so when a year of 53 weeks lies between, because week numbers then differ. */
export function sameWeekdays(window: DateRange, calendar: Calendar): ComparedDays {
  const range = moved(window, YEAR);
  const [now, before] = [periodOf(window.from, "week", calendar), periodOf(range.from, "week", calendar)];
  const note =
    now.number === before.number
      ? null
      : `${now.label} is compared with ${before.label}: one of the two years has 53 weeks`;
  return { range, note };
}

/**
 * The same place of the year before: the same dates, or in a calendar of whole weeks the same weekdays of the same fiscal weeks.
 * Days of a week 53 that the year before does not have are compared with none; a window of nothing else with 364 days earlier.
 */
export function sameFiscalPlace(window: DateRange, calendar: Calendar): ComparedDays {
  const from = dayYearBefore(window.from, calendar);
  if (from === null) {
    return {
      range: moved(window, YEAR),
      note: "the year before has no week 53; compared with the same weekdays 364 days earlier",
    };
  }
  const to = dayYearBefore(window.to, calendar);
  if (to !== null) return { range: { from, to: endOfMonth(window.to, to, calendar) }, note: null };
  const year = yearBefore(periodOf(window.to, "year", calendar), calendar);
  return {
    range: { from, to: year?.to ?? addDays(window.to, -YEAR) },
    note: "the year before has no week 53; the window is compared with a week less",
  };
}

/** The last day of a calendar month stands for the last day: 28 February for the 29th, too. */
function endOfMonth(day: ISODate, before: ISODate, calendar: Calendar): ISODate {
  if (calendar.periods !== "months" || periodOf(day, "month", calendar).to !== day) return before;
  return periodOf(before, "month", calendar).to;
}

/**
 * The days around the same holiday a year before, as far from it as the window's are: Easter with Easter. Without a holiday in the
 * window, the same weekdays 364 days earlier, and a note when a holiday lies in those.
 * Throws `BAD_COMPARISON` (usage) for an unknown holiday, one that is not in the window or has no day before, or several that moved differently.
 */
export function aroundHoliday(window: DateRange, calendar: Calendar, name?: string): ComparedDays {
  const known = holidayNames(calendar);
  if (name !== undefined && !known.includes(name)) {
    const near = nearest(name, known);
    return refuse(
      `there is no holiday "${name}"`,
      near === undefined ? `known: ${known.join(", ")}` : `did you mean ${near}?`,
    );
  }
  const found = occurrencesIn(window, calendar, name);
  if (found.length === 0) return withoutHoliday(window, calendar, name);
  const shifts = new Map(found.map((one) => [shiftOf(one), one]));
  if (shifts.size > 1) {
    const days = [...shifts].map(([shift, one]) => `${one.name} by ${shift} days`).join(", ");
    return refuse(`the window holds holidays that moved differently: ${days}`, "name one, or take a shorter window");
  }
  const [[shift, one] = [YEAR, undefined]] = shifts;
  return {
    range: moved(window, shift),
    note: one === undefined ? null : `${one.name}: ${one.day} is compared with ${one.before}`,
  };
}

function withoutHoliday(window: DateRange, calendar: Calendar, name: string | undefined): ComparedDays {
  if (name !== undefined)
    return refuse(`${name} is not in ${window.from} … ${window.to}`, "take a window that holds it");
  const same = sameWeekdays(window, calendar);
  const past = occurrencesIn(same.range, calendar).map((one) => `${one.name} (${one.day})`);
  return past.length === 0
    ? same
    : { ...same, note: `the days compared with hold ${past.join(", ")}, the window holds no holiday` };
}

function shiftOf({ name, day, before }: Occurrence): number {
  if (before !== null) return daysBetween(before, day);
  return refuse(`${name} has no day before ${day}`, `add it to calendar.holidays.${name}`);
}

function moved(window: DateRange, days: number): DateRange {
  return { from: addDays(window.from, -days), to: addDays(window.to, -days) };
}

function refuse(what: string, hint: string): never {
  throw new GrowthosError({ code: "BAD_COMPARISON", what, hint, exit: "usage" });
}
