import { addDays, addMonths, type DateRange, type ISODate, isoWeekday } from "../base/dates.js";

/** How long one point of a series is. Fiscal periods will be further grains with their own `bucketStart`. */
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

/** First day of the calendar quarter. */
function quarterStart(day: ISODate): ISODate {
  return addMonths(monthStart(day), -((Number(day.slice(5, 7)) - 1) % 3));
}

/** First day of the bucket that holds a day. */
export function bucketStart(day: ISODate, grain: Grain, weekEndsOn: number): ISODate {
  if (grain === "day") return day;
  if (grain === "quarter") return quarterStart(day);
  return grain === "week" ? weekStart(day, weekEndsOn) : monthStart(day);
}

/** Last day of the bucket that begins on `start`. */
export function bucketEnd(start: ISODate, grain: Grain): ISODate {
  if (grain === "day") return start;
  if (grain === "quarter") return addDays(addMonths(start, 3), -1);
  return grain === "week" ? addDays(start, 6) : monthEnd(start);
}

/** Every bucket that a range touches, in order and without gaps; the first and last may be cut by the range. */
export function bucketsOf(range: DateRange, grain: Grain, weekEndsOn: number): readonly Bucket[] {
  const buckets: Bucket[] = [];
  let key = bucketStart(range.from, grain, weekEndsOn);
  while (key <= range.to) {
    const end = bucketEnd(key, grain);
    buckets.push({
      key,
      label: bucketLabel(key, grain),
      from: laterDay(key, range.from),
      to: earlierDay(end, range.to),
    });
    key = addDays(end, 1);
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

/** What people read: `2026-02-08`, `week ending 2026-02-08`, `2026-02`, `2026 Q1`. */
function bucketLabel(start: ISODate, grain: Grain): string {
  if (grain === "day") return start;
  if (grain === "quarter") return `${start.slice(0, 4)} Q${Math.ceil(Number(start.slice(5, 7)) / 3)}`;
  return grain === "week" ? `week ending ${bucketEnd(start, grain)}` : start.slice(0, 7);
}
