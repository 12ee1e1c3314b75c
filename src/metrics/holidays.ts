import { addDays, type Calendar, type DateRange, type ISODate, isoWeekday } from "../base/dates.js";

/**
 * Holidays of trade that move over the weekdays or dates by a rule, and those of one date that shops count on; the shop's own lists
 * come beside them, or instead. Mother's, Father's, Memorial and Labor Day are those of the US.
 */
export const HOLIDAY_RULES: Readonly<Record<string, (year: number) => ISODate>> = {
  easter,
  good_friday: (year) => addDays(easter(year), -2),
  easter_monday: (year) => addDays(easter(year), 1),
  mothers_day: (year) => nthWeekday(`${year}-05-01` as ISODate, 7, 2),
  fathers_day: (year) => nthWeekday(`${year}-06-01` as ISODate, 7, 3),
  memorial_day: (year) => addDays(nthWeekday(`${year}-06-01` as ISODate, 1, 1), -7),
  labor_day: (year) => nthWeekday(`${year}-09-01` as ISODate, 1, 1),
  thanksgiving,
  black_friday: (year) => addDays(thanksgiving(year), 1),
  cyber_monday: (year) => addDays(thanksgiving(year), 4),
  ...onDates({
    new_years_day: "01-01",
    valentines_day: "02-14",
    halloween: "10-31",
    singles_day: "11-11",
    christmas_eve: "12-24",
    christmas: "12-25",
    boxing_day: "12-26",
    new_years_eve: "12-31",
  }),
};

function onDates(dates: Readonly<Record<string, string>>): Readonly<Record<string, (year: number) => ISODate>> {
  return Object.fromEntries(
    Object.entries(dates).map(([name, date]) => [name, (year: number) => `${year}-${date}` as ISODate]),
  );
}

/** Holidays that a comparison looks for when none is named, beside those of the shop's own lists. */
const LOOKED_FOR = ["easter", "black_friday", "cyber_monday"];

/** A holiday that falls into some days, and the time before. */
export interface Occurrence {
  readonly name: string;
  readonly day: ISODate;
  /** Null when the shop's list does not reach so far back. */
  readonly before: ISODate | null;
}

/** A day that a list of holidays names. */
export interface ListedHoliday {
  readonly day: ISODate;
  readonly name: string;
}

/** A holiday with its days, oldest first. */
export interface HolidayDays {
  /** Lower snake case, as in the config. */
  readonly name: string;
  readonly days: readonly ISODate[];
}

/** Every holiday that is known: the shop's own lists whole, then the rules in the years of a range, then what is listed for its country. */
export function knownHolidays(
  range: DateRange,
  calendar: Calendar,
  listed: readonly ListedHoliday[],
): readonly HolidayDays[] {
  const ofCountry = new Map<string, ISODate[]>();
  for (const { day, name } of listed) ofCountry.set(plainName(name), [...(ofCountry.get(plainName(name)) ?? []), day]);
  const ruled = holidayNames(calendar);
  return [
    ...ruled.map((name) => ({ name, days: daysOfHoliday(name, range, calendar) })),
    ...[...ofCountry]
      .filter(([name]) => !ruled.includes(name))
      .map(([name, days]) => ({ name, days: [...days].sort() })),
  ];
}

/** `New Year's Day` is `new_years_day`. */
function plainName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/['’]/g, "")
    .replaceAll(/[^a-z0-9]+/g, "_");
}

/** Names that a comparison understands. */
export function holidayNames(calendar: Calendar): readonly string[] {
  return [...new Set([...Object.keys(HOLIDAY_RULES), ...Object.keys(calendar.holidays)])].sort();
}

/** The occurrences between two days, of one holiday or of those that are looked for, in order of their days. */
export function occurrencesIn(
  range: { readonly from: ISODate; readonly to: ISODate },
  calendar: Calendar,
  name?: string,
): readonly Occurrence[] {
  const names = name === undefined ? [...new Set([...LOOKED_FOR, ...Object.keys(calendar.holidays)])] : [name];
  return names
    .flatMap((one) => {
      const days = daysOfHoliday(one, range, calendar);
      return days.flatMap((day, index) =>
        day < range.from || day > range.to ? [] : [{ name: one, day, before: days[index - 1] ?? null }],
      );
    })
    .sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** The days of a holiday in the years of a range and the one before, oldest first; the shop's own list wins over the rule. */
function daysOfHoliday(
  name: string,
  range: { readonly from: ISODate; readonly to: ISODate },
  calendar: Calendar,
): readonly ISODate[] {
  const own = calendar.holidays[name];
  if (own !== undefined) return own;
  const rule = HOLIDAY_RULES[name];
  const [first, last] = [Number(range.from.slice(0, 4)) - 1, Number(range.to.slice(0, 4))];
  return rule === undefined ? [] : Array.from({ length: last - first + 1 }, (_, index) => rule(first + index));
}

/** Fourth Thursday of November (US). */
function thanksgiving(year: number): ISODate {
  return nthWeekday(`${year}-11-01` as ISODate, 4, 4);
}

function nthWeekday(first: ISODate, weekday: number, nth: number): ISODate {
  return addDays(first, ((weekday - isoWeekday(first) + 7) % 7) + 7 * (nth - 1));
}

/** Western Easter Sunday by the Gregorian rule (Meeus, Jones, Butcher). */
function easter(year: number): ISODate {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const rest = year % 100;
  const moved = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - Math.floor(century / 4) - moved + 15) % 30;
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(rest / 4) - epact - (rest % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * weekday) / 451);
  return addDays(`${year}-03-22` as ISODate, epact + weekday - 7 * late);
}
