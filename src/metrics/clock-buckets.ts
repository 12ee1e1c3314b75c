import { type ISODate, zoneOffset } from "../base/dates.js";
import type { ClockGrain } from "./types.js";

/** How long the points within a day are. */
export const CLOCK_SECONDS: Readonly<Record<ClockGrain, number>> = {
  "15min": 900,
  hour: 3600,
  "4hours": 14_400,
  "12hours": 43_200,
};

/** True for points within days. */
export function isClockGrain(grain: string): grain is ClockGrain {
  return grain in CLOCK_SECONDS;
}

/** True for points that hold a change of the clock within them: one is longer or shorter then, and none is there twice. */
export function spansChanges(seconds: number): boolean {
  return seconds > CLOCK_SECONDS.hour;
}

/** Hours or quarters of an hour of one day, by the shop's clock. */
export interface ClockBucket {
  /** `2026-02-02T14:00-05:00`: no two are alike, also where clocks are set back. */
  readonly key: string;
  readonly label: string;
  /** What the clock shows when it begins: `2026-02-02T14:00`. */
  readonly wall: string;
  /** `2026-02-02T14:00|-300`: with the minutes that the zone is ahead of UTC, as the statement makes it; without them where a point spans hours. */
  readonly cell: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Zones change their offset on quarters of an hour. */
const STEP = 15 * MINUTE;

/** Every bucket of a day in order: 24 hours, 23 when clocks are set forward, 25 when they are set back; always six of four hours. */
export function clockBuckets(day: ISODate, seconds: number, timeZone: string): readonly ClockBucket[] {
  const midnight = Date.parse(`${day}T00:00Z`);
  const size = seconds * 1000;
  const [early, late] = [zoneOffset(midnight - 15 * HOUR, timeZone), zoneOffset(midnight + 39 * HOUR, timeZone)];
  if (early === late) {
    return Array.from({ length: DAY / size }, (_, index) => bucketAt(midnight + index * size, early, size));
  }
  // A change of offset is near: every quarter of an hour is asked for its own.
  const found = new Map<string, ClockBucket>();
  for (let instant = midnight - 15 * HOUR; instant < midnight + 39 * HOUR; instant += STEP) {
    const offset = zoneOffset(instant, timeZone);
    const shown = instant + offset * MINUTE;
    if (shown < midnight || shown >= midnight + DAY) continue;
    const bucket = bucketAt(shown - (shown % size), offset, size);
    if (!found.has(bucket.cell)) found.set(bucket.cell, bucket);
  }
  return [...found.values()];
}

/** `shown` is what the clock shows, as if it were UTC; `size` in ms. */
function bucketAt(shown: number, offset: number, size: number): ClockBucket {
  const wall = new Date(shown).toISOString().slice(0, 16);
  const pad = (value: number) => String(value).padStart(2, "0");
  const ahead = `${offset < 0 ? "-" : "+"}${pad(Math.floor(Math.abs(offset) / 60))}:${pad(Math.abs(offset) % 60)}`;
  return {
    key: `${wall}${ahead}`,
    label: wall.replace("T", " "),
    wall,
    cell: spansChanges(size / 1000) ? wall : `${wall}|${offset}`,
  };
}
