/** Days and weeks that are counted from today, or by their number: `last friday`, `two days ago`, `the week before last`, `calendar week 5`. */
import { addDays, type ISODate, isoWeekday } from "../base/dates.js";
import { earlierDay } from "../metrics/calendar.js";
import { periodOf, shiftPeriod } from "../metrics/fiscal.js";
import type { DatedPart } from "./dates.js";
import type { HolidayRules } from "./holidays.js";
import type { NamedWindow, Span, Token } from "./types.js";

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const UNIT = /^(day|week|month|quarter|year)s?$/;
const MOST_AGO = 1000;

/** Words of the tables below, for the correction of typos. */
export const RELATIVE_WORDS: readonly string[] = [...WEEKDAYS, "ago", "calendar", "before", "preceding"];

/** A single day that is counted from today, as an end of a range; `isWeekday`: the one of the week before may be meant. */
export interface RelativeDay extends DatedPart {
  readonly isWeekday: boolean;
}

/** `yesterday`, `last friday`, `3 days ago`. */
export function relativeDayAt(tokens: readonly Token[], from: number, last: ISODate): RelativeDay | null {
  const text = (index: number) => tokens[from + index]?.text ?? "";
  const part = (day: ISODate, length: number, isWeekday = false): RelativeDay => ({
    ...{ range: { from: day, to: day }, length, isYearSaid: true, name: day, isWeekday },
  });
  if (text(0) === "yesterday") return part(last, 1);
  const skip = ["last", "on", "this", "past"].includes(text(0)) ? 1 : 0;
  const index = WEEKDAYS.indexOf(text(skip));
  if (index >= 0) return part(addDays(last, -((isoWeekday(last) - 1 - index + 7) % 7)), skip + 1, true);
  const count = tokens[from]?.value;
  if (text(2) !== "ago" || !/^days?$/.test(text(1)) || !isCount(count)) return null;
  return part(addDays(last, 1 - count), 3);
}

/** The end of a range that goes on until now: the last complete day. */
export function untilNowAt(tokens: readonly Token[], from: number, last: ISODate): DatedPart | null {
  const isNow = ["today", "now", "date"].includes(tokens[from]?.text ?? "");
  return isNow ? { range: { from: last, to: last }, length: 1, isYearSaid: true, name: last } : null;
}

/** A weekday by its name, with the date that it fell on. */
export function weekdayAt(tokens: readonly Token[], from: number, last: ISODate): Span | null {
  const found = relativeDayAt(tokens, from, last);
  if (found === null || !found.isWeekday) return null;
  const word = tokens[from + found.length - 1]?.text ?? "";
  const name = `${word.replace(/^./, (letter) => letter.toUpperCase())}, ${found.name}`;
  return windowSpan(from, found.length, { range: found.range, name });
}

/** `two days ago`, `3 weeks ago`, `the month before last`, `calendar week 5`, `week 52 of 2025`. */
export function countedAt(tokens: readonly Token[], from: number, rules: HolidayRules): Span | null {
  return agoAt(tokens, from, rules) ?? beforeLastAt(tokens, from, rules) ?? weekNumberAt(tokens, from, rules);
}

function agoAt(tokens: readonly Token[], from: number, { last, calendar }: HolidayRules): Span | null {
  const text = (index: number) => tokens[from + index]?.text ?? "";
  const count = tokens[from]?.value;
  const unit = UNIT.exec(text(1))?.[1];
  if (text(2) !== "ago" || unit === undefined || !isCount(count)) return null;
  if (unit === "day") {
    const day = addDays(last, 1 - count);
    return windowSpan(from, 3, {
      range: { from: day, to: day },
      name: count === 1 ? "yesterday" : `${count} days ago`,
    });
  }
  // "A week ago" is said of what something is held against.
  if (count < 2) return null;
  const today = periodOf(addDays(last, 1), unit as "week", calendar);
  const { from: first, to } = shiftPeriod(today, -count, calendar);
  return windowSpan(from, 3, {
    range: { from: first, to },
    name: `the ${unit} ${count} ${unit}s ago`,
    unit: unit as "week",
  });
}

function beforeLastAt(tokens: readonly Token[], from: number, { last, calendar }: HolidayRules): Span | null {
  const text = (index: number) => tokens[from + index]?.text ?? "";
  const skip = text(0) === "the" ? 1 : 0;
  const unit = UNIT.exec(text(skip))?.[1];
  if (unit === undefined || unit === "day" || text(skip + 1) !== "before" || text(skip + 2) !== "last") return null;
  const today = periodOf(addDays(last, 1), unit as "week", calendar);
  const { from: first, to } = shiftPeriod(today, -2, calendar);
  return windowSpan(from, skip + 3, {
    range: { from: first, to },
    name: `the ${unit} before last`,
    unit: unit as "week",
  });
}

function weekNumberAt(tokens: readonly Token[], from: number, { last, calendar }: HolidayRules): Span | null {
  const text = (index: number) => tokens[from + index]?.text ?? "";
  const lead = text(0) === "calendar" ? 1 : 0;
  if (!["week", "cw", "kw"].includes(text(lead))) return null;
  const named = ["number", "no", "nr"].includes(text(lead + 1)) ? 1 : 0;
  const at = lead + 1 + named;
  const token = tokens[from + at];
  if (token?.kind !== "number" || token.unit !== undefined || !isCount(token.value) || token.value > 53) return null;
  const skip = text(at + 1) === "of" || text(at + 1) === "in" ? 1 : 0;
  const said = /^20\d{2}$/.test(text(at + 1 + skip)) ? Number(text(at + 1 + skip)) : null;
  const newest = periodOf(last, "week", calendar);
  const isIt = (week: typeof newest) =>
    week.number === token.value && (said === null || week.label.startsWith(`${said}`));
  // Backwards from the newest: weeks are numbered by the shop's calendar.
  let week = newest;
  for (let back = 0; back < MOST_AGO && !isIt(week); back += 1) week = shiftPeriod(week, -1, calendar);
  if (!isIt(week)) return null;
  const length = at + 1 + (said === null ? 0 : skip + 1);
  const range = { from: week.from, to: earlierDay(week.to, last) };
  return windowSpan(from, length, { range, name: week.label, unit: "week" });
}

/** `the 14 days before`, `14 days earlier`: what is held against, by its length. */
export function daysBeforeAt(tokens: readonly Token[], from: number): Span | null {
  const text = (index: number) => tokens[from + index]?.text ?? "";
  const skip = ["the", "those", "their"].includes(text(0)) ? 1 : 0;
  const lead = ["preceding", "previous", "prior"].includes(text(skip)) ? 1 : 0;
  const token = tokens[from + skip + lead];
  const unit = /^(day|week)s?$/.exec(text(skip + lead + 1))?.[1];
  const isSaid = lead === 1 ? text(skip) === "preceding" : ["before", "prior", "earlier"].includes(text(skip + 2));
  if (token?.kind !== "number" || !isCount(token.value) || unit === undefined || !isSaid) return null;
  const length = skip + lead + 2 + (lead === 1 ? 0 : 1) + (lead === 0 && text(skip + 3) === "that" ? 1 : 0);
  const days = token.value * (unit === "week" ? 7 : 1);
  return { from, to: from + length, meaning: { kind: "days_before", days } };
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 1 && value <= MOST_AGO;
}

function windowSpan(from: number, length: number, window: NamedWindow): Span {
  return { from, to: from + length, meaning: { kind: "window", window } };
}
