import { addDays, addMonths, type Calendar, type DateRange, type ISODate, isoWeekday } from "../base/dates.js";
import { calendarOf, periodOf } from "./fiscal.js";

/** How long one point of a series is; months and quarters are those of the shop's calendar. */
export type Grain = "day" | "week" | "month" | "quarter";

/** One point of a series: `key` is the first day of the whole bucket, `from`…`to` the part of it inside the range. */
export interface Bucket extends DateRange {
  readonly key: ISODate;
  readonly label: string;
}

/** First day of the seven that end on ISO weekday `weekEndsOn` (1 = Monday … 7 = Sunday). */
export function weekStart(day: ISODate, weekEndsOn: number): ISODate {
  return addDays(day, -((isoWeekday(day) + 6 - weekEndsOn) % 7));
}

/** First day of the calendar month. */
export function monthStart(day: ISODate): ISODate {
  return `${day.slice(0, 7)}-01` as ISODate;
}

/** Last day of the calendar month. */
export function monthEnd(day: ISODate): ISODate {
  return addDays(addMonths(monthStart(day), 1), -1);
}

/** First day of the bucket that holds a day. `rules`: the shop's calendar, or the weekday on which the weeks of a plain one end. */
export function bucketStart(day: ISODate, grain: Grain, rules: Calendar | number): ISODate {
  return bucketAt(day, grain, calendarOf(rules)).key;
}

/** Every bucket that a range touches, in order and without gaps; the first and last may be cut by the range. */
export function bucketsOf(range: DateRange, grain: Grain, rules: Calendar | number): readonly Bucket[] {
  const calendar = calendarOf(rules);
  const buckets: Bucket[] = [];
  let next = range.from;
  while (next <= range.to) {
    const bucket = bucketAt(next, grain, calendar);
    buckets.push({ ...bucket, from: laterDay(bucket.key, range.from), to: earlierDay(bucket.to, range.to) });
    next = addDays(bucket.to, 1);
  }
  return buckets;
}

/** The earlier of two days. */
export function earlierDay(a: ISODate, b: ISODate): ISODate {
  if (a < b) return a;
  return b;
}

/** The later of two days. */
export function laterDay(a: ISODate, b: ISODate): ISODate {
  if (a > b) return a;
  return b;
}

/** A whole bucket. People read `2026-02-08`, `2026-W06, to 2026-02-08`, `2026-02`, `FY2026 P05`, `FY2026 Q3`. */
function bucketAt(day: ISODate, grain: Grain, calendar: Calendar): Bucket {
  if (grain === "day") return { key: day, label: day, from: day, to: day };
  const { from, to, label } = periodOf(day, grain, calendar);
  return { key: from, label: grain === "week" ? `${label}, to ${to}` : label, from, to };
}
