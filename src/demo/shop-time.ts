import { dayNumber, fromDayNumber, type ISODate } from "../base/dates.js";

const HOUR = 3_600_000;

/** The demo shop's time zone. */
export const TIME_ZONE = "America/New_York";

const format = new Intl.DateTimeFormat("en-US", {
  timeZone: TIME_ZONE,
  calendar: "gregory",
  hourCycle: "h23",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
});

interface KnownDay {
  /** Midnight of the day in UTC, ms. */
  readonly midnight: number;
  /** Offset of the whole day, ms; null on the two days of the year on which the clocks change. */
  readonly offset: number | null;
}

/** A pure cache: asking the calendar is slow. */
const knownDays = new Map<ISODate, KnownDay>();

function known(day: ISODate): KnownDay {
  const found = knownDays.get(day);
  if (found !== undefined) return found;
  const midnight = dayNumber(day) * 24 * HOUR;
  const first = offsetAt(midnight - offsetAt(midnight));
  const made = { midnight, offset: first === offsetAt(midnight + 24 * HOUR - first) ? first : null };
  knownDays.set(day, made);
  return made;
}

/** The instant (ms since 1970 UTC) of a wall-clock time in the shop's time zone. */
export function localInstant(day: ISODate, secondOfDay: number): number {
  const { midnight, offset } = known(day);
  const wall = midnight + secondOfDay * 1000;
  return wall - (offset ?? offsetAt(wall - offsetAt(wall)));
}

function localParts(instant: number): { readonly [part: string]: number } {
  return Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
}

/** Milliseconds by which local time is ahead of UTC (negative in America). */
function offsetAt(instant: number): number {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = localParts(instant);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
}

/** The civil day of an instant in the shop's time zone. */
export function localDay(instant: number): ISODate {
  const day = fromDayNumber(Math.floor(instant / (24 * HOUR)));
  const offset = known(day).offset ?? offsetAt(instant);
  return fromDayNumber(Math.floor((instant + offset) / (24 * HOUR)));
}
