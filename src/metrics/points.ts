import { addDays, type Calendar, type DateRange, daysBetween, type ISODate } from "../base/dates.js";
import { bucketsOf, earlierDay, type Grain, laterDay } from "./calendar.js";
import { CLOCK_SECONDS, clockBuckets, isClockGrain } from "./clock-buckets.js";
import type { ClockGrain, Comparison } from "./types.js";
import { comparedRange, counterpart } from "./windows.js";

/** One point of a series with the days that it is compared with. */
export interface Point {
  readonly key: string;
  readonly label: string;
  readonly now: DateRange;
  /** Null where the range that is compared with has no such days. */
  readonly before: DateRange | null;
  /** Its keys in the rows of the statement. */
  readonly cell: string;
  readonly cellBefore: string | null;
}

/** Days of a fact that belong to a point: all of `from`…`to` to `key`, or each to the day `shift` days later. */
export type KeyedDays = DateRange & ({ readonly key: string } | { readonly shift: number });

/** A series over a window: its points, and which day of a fact belongs to which. */
export interface Timeline {
  readonly points: readonly Point[];
  /** Width of a point within a day, seconds; null: points are whole days. */
  readonly seconds: number | null;
  readonly now: readonly KeyedDays[];
  readonly before: readonly KeyedDays[];
}

/** What a timeline is made from. */
export interface TimelineOptions {
  readonly window: DateRange;
  readonly compare?: Comparison;
  /** The shop's calendar, or the weekday on which the weeks of a plain one end. */
  readonly weekEndsOn: Calendar | number;
  readonly timeZone: string;
}

/**
 * The points of a grain. Only the calendar knows where they begin and end: the statement gets days with their keys, so a fiscal month
 * or a holiday that moves needs no SQL of its own.
 */
export function timelineOf(grain: Grain | ClockGrain, options: TimelineOptions): Timeline {
  const isClock = isClockGrain(grain);
  const days = pairedWith(options, bucketsOf(options.window, isClock ? "day" : grain, options.weekEndsOn));
  const points = days.map(({ bucket, before }) => ({
    key: bucket.key as string,
    label: bucket.label,
    now: { from: bucket.from, to: bucket.to },
    before,
    cell: bucket.key as string,
    cellBefore: before === null ? null : (bucket.key as string),
  }));
  const before = points.flatMap((point) => (point.before === null ? [] : [{ ...point.before, key: point.cell }]));
  if (!isClock && grain !== "day") {
    return { points, seconds: null, now: points.map(({ now, cell }) => ({ ...now, key: cell })), before };
  }
  const daily = { now: [{ ...options.window, shift: 0 }], before: shifted(before) };
  if (!isClock) return { points, seconds: null, ...daily };
  const seconds = CLOCK_SECONDS[grain];
  return { points: points.flatMap((day) => clockPoints(day, seconds, options.timeZone)), seconds, ...daily };
}

/** The points of one day by the shop's clock. Two of them may bear one time, where clocks are set back: the earlier is compared. */
function clockPoints(day: Point, seconds: number, timeZone: string): readonly Point[] {
  const seen = new Set<string>();
  return clockBuckets(day.cell as ISODate, seconds, timeZone).map(({ key, label, wall, cell }) => {
    const isFirst = !seen.has(wall);
    seen.add(wall);
    const before = isFirst ? day.before : null;
    return { key, label, now: day.now, before, cell, cellBefore: before === null ? null : wall };
  });
}

type Bucket = ReturnType<typeof bucketsOf>[number];

/** Each bucket with the days of the range before that stand on it; together these days have no gap and no overlap. */
function pairedWith(
  { window, compare }: TimelineOptions,
  buckets: readonly Bucket[],
): readonly { readonly bucket: Bucket; readonly before: DateRange | null }[] {
  if (compare === undefined) return buckets.map((bucket) => ({ bucket, before: null }));
  const previous = comparedRange(window, compare);
  let next = previous.from;
  return buckets.map((bucket, index) => {
    const following = buckets[index + 1];
    const last = compare.kind === "same_date" ? previous.to : counterpart(bucket.to, window, compare);
    const end = following === undefined ? last : addDays(counterpart(following.from, window, compare), -1);
    const before = { from: next, to: earlierDay(end, previous.to) };
    next = laterDay(next, addDays(end, 1));
    return { bucket, before: before.from <= before.to ? before : null };
  });
}

/** Days that stand on one day each, as few ranges: neighbours that are equally far from their keys are told together. */
function shifted(days: readonly (DateRange & { readonly key: string })[]): readonly KeyedDays[] {
  const ranges: KeyedDays[] = [];
  for (const { key, from, to } of days) {
    const shift = daysBetween(from, key as ISODate);
    const last = ranges.at(-1);
    // 29 February stands on the 28th, beside the 28th itself.
    if (from !== to) ranges.push({ from, to, key });
    else if (last !== undefined && "shift" in last && last.shift === shift && addDays(last.to, 1) === from)
      ranges[ranges.length - 1] = { ...last, to };
    else ranges.push({ from, to, shift });
  }
  return ranges;
}
