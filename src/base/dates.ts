import { GrowthosError } from "./errors.js";

/** A civil day `YYYY-MM-DD`, without a time zone; strings so that they sort and compare. */
export type ISODate = string & { readonly isoDate: true };

/** Both ends included. */
export interface DateRange {
  readonly from: ISODate;
  readonly to: ISODate;
}

/** How a shop cuts its days into weeks, months, quarters and years. Every period begins and ends at midnight of the shop's zone. */
export interface Calendar {
  /** ISO weekday on which weeks end: 1 = Monday … 7 = Sunday. */
  readonly weekEndsOn: number;
  /** Month in which the fiscal year ends, 1-12. */
  readonly fiscalYearEndMonth: number;
  /** Fiscal months are calendar months, or whole weeks: so many in the first, second and third month of each quarter. */
  readonly periods: "months" | "4-4-5" | "4-5-4" | "5-4-4";
  /** The year's last week ends on the last such weekday of the closing month, or on the one nearest to that month's end. */
  readonly lastWeek: "last" | "nearest";
  /** Whether a fiscal year bears the number of the calendar year in which it ends or in which it begins. */
  readonly yearNamedBy: "end" | "start";
  /** Days of named holidays, oldest first, for those that no rule gives. */
  readonly holidays: Readonly<Record<string, readonly ISODate[]>>;
}

const DAY_MS = 86_400_000;

/** Parses a civil day. Throws `BAD_DATE` unless it is a real `YYYY-MM-DD`. */
export function isoDate(text: string): ISODate {
  if (!isISODate(text)) {
    throw new GrowthosError({
      code: "BAD_DATE",
      what: `"${text}" is not a date`,
      hint: "write dates as YYYY-MM-DD, for example 2026-02-09",
      exit: "usage",
    });
  }
  return text;
}

/** True for a real civil day `YYYY-MM-DD` between the years 0001 and 9999. */
export function isISODate(text: string): text is ISODate {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text.startsWith("0000")) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** Days since 1970-01-01. */
export function dayNumber(day: ISODate): number {
  return Date.parse(`${day}T00:00:00Z`) / DAY_MS;
}

/** The civil day of a day number. */
export function fromDayNumber(number: number): ISODate {
  return new Date(number * DAY_MS).toISOString().slice(0, 10) as ISODate;
}

/** The day `days` later (earlier when negative). */
export function addDays(day: ISODate, days: number): ISODate {
  return fromDayNumber(dayNumber(day) + days);
}

/** Whole days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: ISODate, to: ISODate): number {
  return dayNumber(to) - dayNumber(from);
}

/** Number of days in a range, both ends counted; 0 when it is empty. */
export function rangeLength(range: DateRange): number {
  return Math.max(0, daysBetween(range.from, range.to) + 1);
}

/** Every day of a range, in order. */
export function daysOf(range: DateRange): readonly ISODate[] {
  return Array.from({ length: rangeLength(range) }, (_, index) => addDays(range.from, index));
}

/** ISO weekday: 1 = Monday … 7 = Sunday. */
export function isoWeekday(day: ISODate): number {
  return ((((dayNumber(day) + 3) % 7) + 7) % 7) + 1;
}

/** The same day of another month; the last day when that month is shorter. */
export function addMonths(day: ISODate, months: number): ISODate {
  const [year, month, date] = day.split("-").map(Number) as [number, number, number];
  const index = year * 12 + (month - 1) + months;
  const target = { year: Math.floor(index / 12), month: (((index % 12) + 12) % 12) + 1 };
  const last = new Date(Date.UTC(target.year, target.month, 0)).getUTCDate();
  const pad = (value: number, width: number) => String(value).padStart(width, "0");
  return `${pad(target.year, 4)}-${pad(target.month, 2)}-${pad(Math.min(date, last), 2)}` as ISODate;
}

/** Minutes that an IANA time zone is ahead of UTC at an instant (ms since 1970 UTC). Throws `BAD_TIME_ZONE` for an unknown zone. */
export function zoneOffset(instant: number, timeZone: string): number {
  const day = dayInZone(instant, timeZone);
  const time = new Intl.DateTimeFormat("en-GB", { timeZone, timeStyle: "medium", hourCycle: "h23" }).format(instant);
  return Math.round((Date.parse(`${day}T${time}Z`) - instant) / 60_000);
}

/** The civil day of an instant (ms since 1970 UTC) in an IANA time zone. Throws `BAD_TIME_ZONE` for an unknown zone. */
export function dayInZone(instant: number, timeZone: string): ISODate {
  try {
    // en-CA prints ISO order; the calendar is pinned because a host may default to another one.
    return new Intl.DateTimeFormat("en-CA", { timeZone, calendar: "gregory", dateStyle: "short" })
      .format(instant)
      .slice(0, 10) as ISODate;
  } catch (cause) {
    throw new GrowthosError({
      code: "BAD_TIME_ZONE",
      what: `"${timeZone}" is not a time zone`,
      hint: "use an IANA name such as Europe/Berlin or America/New_York",
      exit: "usage",
      cause,
    });
  }
}

/** True for an IANA time zone that both this program and DuckDB know. */
export function isTimeZone(text: string): boolean {
  // A fixed offset such as "+02:00" is accepted by Intl but not by DuckDB.
  if (/^[+-]/.test(text)) return false;
  return text === "UTC" || Intl.supportedValuesOf("timeZone").includes(text) || resolves(text);
}

function resolves(text: string): boolean {
  try {
    // Aliases (Asia/Calcutta, US/Eastern) are not in the list of supported values and yet are zones.
    return text.includes("/") && new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
