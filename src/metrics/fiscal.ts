import {
  addDays,
  addMonths,
  type Calendar,
  type DateRange,
  daysBetween,
  type ISODate,
  isoWeekday,
} from "../base/dates.js";

/** The calendar of a shop that says nothing: months, weeks until Sunday numbered as in ISO 8601, years until December. */
export const PLAIN_CALENDAR: Calendar = {
  weekEndsOn: 7,
  fiscalYearEndMonth: 12,
  periods: "months",
  lastWeek: "nearest",
  yearNamedBy: "end",
  holidays: {},
};

/** The calendar behind what a caller has: a whole one, or the weekday on which the weeks of a plain one end. */
export function calendarOf(rules: Calendar | number): Calendar {
  return typeof rules === "number" ? { ...PLAIN_CALENDAR, weekEndsOn: rules } : rules;
}

/** What a year is divided into. */
export type PeriodUnit = "week" | "month" | "quarter" | "year";

/** One fiscal period, whole. `label` is what people read and what `windowFor` understands: `2026-W06`, `FY2026 Q3`. */
export interface Period extends DateRange {
  readonly unit: PeriodUnit;
  /** The fiscal year's number; of a week, the year in which it is counted. */
  readonly year: number;
  /** 1-based within the year. */
  readonly number: number;
  readonly label: string;
}

/** A year of whole months or of whole weeks. */
interface Year extends DateRange {
  readonly year: number;
}

const WEEKS_BEFORE = { "4-4-5": [0, 4, 8], "4-5-4": [0, 4, 9], "5-4-4": [0, 5, 9] } as const;
const QUARTER_DAYS = 91;

/**
 * The fiscal period that holds a day. Definitions: D-21; `dim_date` computes the same in SQL.
 * In a calendar of whole weeks, quarters have 13 weeks and week 53 belongs to the last month and quarter.
 */
export function periodOf(day: ISODate, unit: PeriodUnit, calendar: Calendar): Period {
  if (unit === "week") return weekOf(day, calendar);
  const year = yearAt(day, calendar, calendar.periods === "months" ? monthsEnd : weeksEnd);
  if (unit === "year") return { ...year, unit, number: 1, label: yearLabel(year.year, calendar) };
  return calendar.periods === "months"
    ? monthsPeriod(day, unit, { year, calendar })
    : weeksPeriod(day, unit, { year, calendar });
}

/** The whole period `count` periods later (earlier when negative). */
export function shiftPeriod(period: Period, count: number, calendar: Calendar): Period {
  let found = period;
  for (let left = Math.abs(count); left > 0; left -= 1) {
    found = periodOf(addDays(count > 0 ? found.to : found.from, count > 0 ? 1 : -1), found.unit, calendar);
  }
  return found;
}

/** The period with a number in a year; null when the year has none (week 53). */
export function periodAt(
  at: { readonly unit: PeriodUnit; readonly year: number; readonly number: number },
  calendar: Calendar,
): Period | null {
  const end = at.unit === "week" || calendar.periods !== "months" ? weeksEnd : monthsEnd;
  const from = addDays(end(calendarYear(at.year, calendar) - 1, calendar), 1);
  const first = periodOf(from, at.unit, calendar);
  const found = at.number < 1 ? first : shiftPeriod(first, at.number - 1, calendar);
  return found.year === at.year && found.number === at.number ? found : null;
}

/**
 * The period of the year before in the same place. Weeks of a calendar of months: 364 days earlier, so that weekdays agree;
 * otherwise the period with the same number, null for a week 53 whose year before has none.
 */
export function yearBefore(period: Period, calendar: Calendar): Period | null {
  if (period.unit === "week" && calendar.periods === "months") {
    return periodOf(addDays(period.from, -364), "week", calendar);
  }
  return periodAt({ ...period, year: period.year - 1 }, calendar);
}

/**
 * The day in the same place of the year before: the same date (29 February becomes the 28th), or in a calendar of whole weeks the same
 * weekday of the same fiscal week; null for a day of week 53 when the year before has none.
 */
export function dayYearBefore(day: ISODate, calendar: Calendar): ISODate | null {
  if (calendar.periods === "months") return addMonths(day, -12);
  const week = weekOf(day, calendar);
  const before = yearBefore(week, calendar);
  return before === null ? null : addDays(before.from, daysBetween(week.from, day));
}

function weekOf(day: ISODate, calendar: Calendar): Period {
  const year = yearAt(day, calendar, weeksEnd);
  const number = Math.floor(daysBetween(year.from, day) / 7) + 1;
  const from = addDays(year.from, 7 * (number - 1));
  const label = numbered("W", number, { year: year.year, calendar });
  return { unit: "week", year: year.year, number, from, to: addDays(from, 6), label };
}

interface Placed {
  readonly year: Year;
  readonly calendar: Calendar;
}

function monthsPeriod(day: ISODate, unit: "month" | "quarter", { year, calendar }: Placed): Period {
  const before = (Number(day.slice(5, 7)) - calendar.fiscalYearEndMonth + 11) % 12;
  const month = `${day.slice(0, 7)}-01` as ISODate;
  if (unit === "month") {
    const to = addDays(addMonths(month, 1), -1);
    return { unit, year: year.year, number: before + 1, from: month, to, label: day.slice(0, 7) };
  }
  const from = addMonths(month, -(before % 3));
  const number = Math.floor(before / 3) + 1;
  const to = addDays(addMonths(from, 3), -1);
  return { unit, year: year.year, number, from, to, label: quarterLabel(number, { year: year.year, calendar }) };
}

function weeksPeriod(day: ISODate, unit: "month" | "quarter", { year, calendar }: Placed): Period {
  const quarter = Math.min(3, Math.floor(daysBetween(year.from, day) / QUARTER_DAYS));
  const start = addDays(year.from, QUARTER_DAYS * quarter);
  const end = quarter === 3 ? year.to : addDays(start, QUARTER_DAYS - 1);
  const named = { year: year.year, calendar };
  if (unit === "quarter") {
    return {
      unit,
      year: year.year,
      number: quarter + 1,
      from: start,
      to: end,
      label: quarterLabel(quarter + 1, named),
    };
  }
  const starts = WEEKS_BEFORE[calendar.periods === "months" ? "4-4-5" : calendar.periods].map((weeks) =>
    addDays(start, 7 * weeks),
  );
  const index = starts.filter((first) => first <= day).length - 1;
  const next = starts[index + 1];
  const number = 3 * quarter + index + 1;
  return {
    unit,
    year: year.year,
    number,
    from: starts[index] ?? start,
    to: next === undefined ? end : addDays(next, -1),
    label: numbered("P", number, named),
  };
}

/** The year whose end, by one of the two rules, is the first on or after a day. */
function yearAt(day: ISODate, calendar: Calendar, endOf: typeof monthsEnd): Year {
  const near = Number(day.slice(0, 4));
  const ends = [near - 1, near, near + 1, near + 2].map((year) => ({ year, to: endOf(year, calendar) }));
  const index = ends.findIndex(({ to }) => to >= day);
  const { year, to } = ends[index] ?? { year: near, to: day };
  return { year: fiscalNumber(year, calendar), from: addDays(endOf(year - 1, calendar), 1), to };
}

/** Last day of the closing month that lies in a calendar year. */
function monthsEnd(year: number, calendar: Calendar): ISODate {
  const month = String(calendar.fiscalYearEndMonth).padStart(2, "0");
  return addDays(addMonths(`${String(year).padStart(4, "0")}-${month}-01` as ISODate, 1), -1);
}

/** Last day of the last week of the fiscal year that ends in (or within days of) a calendar year. */
function weeksEnd(year: number, calendar: Calendar): ISODate {
  const limit = addDays(monthsEnd(year, calendar), calendar.lastWeek === "nearest" ? 3 : 0);
  return addDays(limit, -((isoWeekday(limit) - calendar.weekEndsOn + 7) % 7));
}

function fiscalNumber(endsIn: number, { yearNamedBy, fiscalYearEndMonth }: Calendar): number {
  return yearNamedBy === "start" && fiscalYearEndMonth < 12 ? endsIn - 1 : endsIn;
}

function calendarYear(number: number, { yearNamedBy, fiscalYearEndMonth }: Calendar): number {
  return yearNamedBy === "start" && fiscalYearEndMonth < 12 ? number + 1 : number;
}

interface Named {
  readonly year: number;
  readonly calendar: Calendar;
}

function numbered(letter: "W" | "P", number: number, { year, calendar }: Named): string {
  const text = `${letter}${String(number).padStart(2, "0")}`;
  return calendar.fiscalYearEndMonth === 12 ? `${year}-${text}` : `${yearLabel(year, calendar)} ${text}`;
}

function quarterLabel(number: number, { year, calendar }: Named): string {
  return calendar.fiscalYearEndMonth === 12 ? `${year}-Q${number}` : `${yearLabel(year, calendar)} Q${number}`;
}

/** Only a year that is not the calendar's own is called fiscal. */
function yearLabel(year: number, calendar: Calendar): string {
  return calendar.fiscalYearEndMonth === 12 ? String(year) : `FY${year}`;
}
