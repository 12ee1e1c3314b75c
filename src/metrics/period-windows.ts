import type { Calendar, DateRange, ISODate } from "../base/dates.js";
import { earlierDay } from "./calendar.js";
import { type Period, type PeriodUnit, periodAt, periodOf, shiftPeriod } from "./fiscal.js";

const UNITS: Readonly<Record<string, PeriodUnit>> = { w: "week", m: "month", q: "quarter", y: "year" };
const MOST_PERIODS = 520;

/**
 * The days of a phrase about periods of the calendar, in lower case, single blanks: `mtd`, `this quarter`, `last year`, `last 6 weeks`,
 * `12m`, or a label as it is printed. A text says why there are none.
 */
export function periodWindow(phrase: string, last: ISODate, calendar: Calendar): DateRange | string {
  const toDate = /^(?:f?([wmqy])td|(?:this )?(week|month|quarter|year)(?: to date)?)$/.exec(phrase);
  if (toDate !== null) {
    const unit = unitOf(toDate[1] ?? toDate[2]);
    return { from: periodOf(last, unit, calendar).from, to: last };
  }
  const over =
    /^(?:last|past) (?:(\d{1,4}) )?(week|month|quarter|year)s?$/.exec(phrase) ?? /^(\d{1,4}) ?([wmq])$/.exec(phrase);
  if (over !== null) return lastPeriods(Number(over[1] ?? "1"), unitOf(over[2]), { last, calendar });
  const named = labelled(phrase, calendar);
  if (typeof named === "string") return named;
  return named.from > last
    ? `${named.label} begins after the last complete day, ${last}`
    : { from: named.from, to: earlierDay(named.to, last) };
}

function unitOf(word: string | undefined): PeriodUnit {
  return UNITS[word?.slice(0, 1) ?? ""] ?? "week";
}

/** The newest whole periods that are over. */
function lastPeriods(
  count: number,
  unit: PeriodUnit,
  { last, calendar }: { readonly last: ISODate; readonly calendar: Calendar },
): DateRange | string {
  if (count < 1 || count > MOST_PERIODS) return `the number of ${unit}s must be between 1 and ${MOST_PERIODS}`;
  const holds = periodOf(last, unit, calendar);
  const newest = holds.to === last ? holds : shiftPeriod(holds, -1, calendar);
  return { from: shiftPeriod(newest, 1 - count, calendar).from, to: newest.to };
}

/** `2026-02`, `2026`, `fy2026`, `2026-w06`, `fy2026 q3`, `fy2026 p05`. */
function labelled(phrase: string, calendar: Calendar): Period | string {
  const month = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(phrase);
  if (month !== null && calendar.periods === "months") return periodOf(`${phrase}-01` as ISODate, "month", calendar);
  const parts = /^(?:fy ?)?([1-9]\d{3})(?:[- ]?([wpq])(\d{1,2}))?$/.exec(phrase);
  if (parts === null) return "it is not a window that is known";
  const [, year = "", letter] = parts;
  const unit = letter === undefined ? "year" : letter === "p" ? "month" : unitOf(letter);
  const found = periodAt({ unit, year: Number(year), number: Number(parts[3] ?? "1") }, calendar);
  return found ?? `the calendar has no such ${unit}`;
}
