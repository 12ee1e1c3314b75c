/** The days that a question names. Calendar periods are those of the shop's calendar; "the last month" is 30 days that roll. */
import { addDays, type DateRange, type ISODate, isISODate, isoWeekday, rangeLength } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { earlierDay } from "../metrics/calendar.js";
import { type Period, periodOf, shiftPeriod } from "../metrics/fiscal.js";
import { windowFor } from "../metrics/windows.js";
import { type DatedPart, dayAt, monthAt } from "./dates.js";
import { type HolidayRules, holidayAt, holidayDay } from "./holidays.js";
import { countedAt, daysBeforeAt, RELATIVE_WORDS, relativeDayAt, untilNowAt, weekdayAt } from "./relative-days.js";
import type { Meaning, NamedWindow, Span, Token } from "./types.js";

/** What windows are cut by. */
export interface Days extends HolidayRules {
  readonly firstDay?: ISODate;
}

type Unit = "week" | "month" | "quarter" | "year";

const UNITS: ReadonlyMap<string, Unit> = new Map(
  (["week", "month", "quarter", "year"] as const).map((unit) => [unit, unit]),
);
const ROLLING = { week: 7, month: 30, quarter: 90, year: 365 } as const;
const MOST_DAYS = 3660;
const COMPARING = new Set(["compare", "compared", "comparing", "change", "changed", "changes"]);

/** Words of the tables below, for the correction of typos. */
export const WINDOW_WORDS: readonly string[] = [
  ...RELATIVE_WORDS,
  ...`today yesterday tomorrow last this past previous prior current week weeks month months quarter quarters year years day days hours date
   to since from until till through weekend all time ever mtd wtd qtd ytd far so`.split(/\s+/),
];

/** The window that begins at a token, the longest; null when none does. */
export function windowAt(tokens: readonly Token[], from: number, days: Days): Span | null {
  const at = (index: number) => tokens[from + index]?.text ?? "";
  return (
    longest([
      datedRange(tokens, from, days),
      holiday(tokens, from, days),
      countedAt(tokens, from, days),
      daysBeforeAt(tokens, from),
    ]) ??
    weekOf(tokens, from, days) ??
    relativeDay(at, from, days) ??
    toDate(at, from, days) ??
    lastPeriods(tokens, from, days) ??
    thisOrLast(at, from, days) ??
    weekdayAt(tokens, from, days.last) ??
    labelled(tokens, from, days) ??
    allTime(at, from, days)
  );
}

function longest(spans: readonly (Span | null)[]): Span | null {
  return spans.reduce((a, b) => (a !== null && (b === null || a.to >= b.to) ? a : b), null);
}

function holiday(tokens: readonly Token[], from: number, days: Days): Span | null {
  const part = holidayAt(tokens, from, days);
  if (part === null) return null;
  const { found, length } = part;
  return { from, to: from + length, meaning: "kind" in found ? found : { kind: "window", window: found } };
}

type At = (index: number) => string;

function span(from: number, length: number, window: NamedWindow): Span {
  return { from, to: from + length, meaning: { kind: "window", window } };
}

function refused(from: number, length: number, meaning: Omit<Extract<Meaning, { kind: "refusal" }>, "kind">): Span {
  return { from, to: from + length, meaning: { kind: "refusal", ...meaning } };
}

function relativeDay(at: At, from: number, { last }: Days): Span | null {
  const before = ["the", "day", "before", "yesterday"].slice(at(0) === "the" ? 0 : 1);
  if (before.every((word, index) => at(index) === word)) {
    const day = addDays(last, -1);
    return span(from, before.length, { range: { from: day, to: day }, name: "the day before yesterday" });
  }
  if (at(0) === "yesterday") return span(from, 1, { range: { from: last, to: last }, name: "yesterday" });
  const isToday = at(0) === "today" || (at(0) === "this" && ["morning", "afternoon", "evening"].includes(at(1)));
  const isNow = (at(0) === "right" && at(1) === "now") || (at(0) === "last" && at(2) === "hours");
  if (!isToday && !isNow) return null;
  const length = at(0) === "today" ? 1 : at(0) === "last" ? 3 : 2;
  const why = `the last complete day is ${last}; a day that is not over has no figures`;
  return isNow && at(0) === "right" ? null : refused(from, length, { code: "NOT_COMPLETE", why, nearest: "yesterday" });
}

/** `mtd`, `month to date`, `this month to date`, `week so far`. */
function toDate(at: At, from: number, days: Days): Span | null {
  const short = /^([wmqy])td$/.exec(at(0))?.[1];
  const names = { w: "week", m: "month", q: "quarter", y: "year" } as const;
  if (short !== undefined) return span(from, 1, soFar(names[short as "w"], days));
  const skip = at(0) === "this" || at(0) === "the" || at(0) === "current" ? 1 : 0;
  const unit = UNITS.get(at(skip));
  if (unit === undefined) return null;
  const isSaid =
    (at(skip + 1) === "to" && at(skip + 2) === "date") || (at(skip + 1) === "so" && at(skip + 2) === "far");
  return isSaid ? span(from, skip + 3, soFar(unit, days)) : null;
}

function thisOrLast(at: At, from: number, days: Days): Span | null {
  const skip = at(0) === "the" ? 1 : 0;
  const [word, unit] = [at(skip), UNITS.get(at(skip + 1))];
  if (word === "last" && at(skip + 1) === "weekend") return span(from, skip + 2, weekend(days));
  if (skip === 0 && word === "weekend") return span(from, 1, weekend(days));
  if (unit === undefined) return null;
  if (word === "this" || word === "current") return span(from, skip + 2, soFar(unit, days));
  // "Last month" is the calendar's, "the last month" and "the past month" are 30 days: so people say it, and the answer names it.
  if (word === "past" || (skip === 1 && word === "last")) return span(from, skip + 2, rolling(ROLLING[unit], days));
  if (word === "last" || word === "previous" || word === "prior") return span(from, skip + 2, lastOf(unit, days));
  return null;
}

/** `last 5 days`, `past two weeks`, `30 days`, `7d`; whole weeks and months where those are counted. */
function lastPeriods(tokens: readonly Token[], from: number, days: Days): Span | null {
  const at: At = (index) => tokens[from + index]?.text ?? "";
  const skip = at(0) === "the" ? 1 : 0;
  const lead = ["last", "past", "previous", "prior", "trailing", "recent"].includes(at(skip)) ? skip + 1 : skip;
  const short = /^(\d{1,4})d$/.exec(at(lead));
  if (short !== null) return span(from, lead + 1, rolling(Number(short[1]), days));
  const number = tokens[from + lead];
  const couple = at(lead) === "couple" ? 2 : at(lead) === "few" ? 3 : undefined;
  const count = number?.kind === "number" ? number.value : couple;
  if (count === undefined || (lead === skip && at(lead + 1) !== "days")) return null;
  const word = at(lead + 1) === "of" ? at(lead + 2) : at(lead + 1);
  const length = lead + (at(lead + 1) === "of" ? 3 : 2);
  if (word === "day" || word === "days") return span(from, length, rolling(count, days));
  if (word === "hours" || word === "hour") {
    const why = `the last complete day is ${days.last}; a day that is not over has no figures`;
    return refused(from, length, { code: "NOT_COMPLETE", why, nearest: "yesterday" });
  }
  const unit = UNITS.get(word.replace(/s$/, ""));
  if (unit === undefined || !Number.isInteger(count)) return null;
  return span(from, length, wholePeriods(count, unit, days));
}

/** `2026-W06`, `2026-02`, `q3`, `q3 2025`, `2025`, `fy2026`. */
function labelled(tokens: readonly Token[], from: number, days: Days): Span | null {
  const [first, second] = [tokens[from], tokens[from + 1]];
  const quarter = /^q([1-4])$/.exec(first?.text ?? "")?.[1];
  if (quarter !== undefined) {
    const year = yearOf(second);
    const newest = [0, 1].map((back) => Number(days.last.slice(0, 4)) - back);
    const years = year === null ? newest : [year];
    const found = years.flatMap((one) => periodNamed(`${one}-q${quarter}`, days) ?? [])[0];
    return found === undefined ? null : span(from, year === null ? 1 : 2, found);
  }
  const text = first?.text ?? "";
  if (!/^(\d{4}-(w\d{2}|q[1-4])|(fy)?20\d{2})$/.test(text) || (first?.unit ?? "") !== "") return null;
  const found = periodNamed(text, days);
  return found === null ? null : span(from, 1, found);
}

function yearOf(token: Token | undefined): number | null {
  return token?.kind === "number" && /^(19|20)\d{2}$/.test(token.text) ? Number(token.text) : null;
}

/** A period by its printed label; null when it is not over, or no such thing. */
function periodNamed(label: string, { last, calendar }: Days): NamedWindow | null {
  try {
    const range = windowFor(label, last, calendar);
    const unit = /w/.test(label) ? "week" : /q/.test(label) ? "quarter" : "year";
    const cut = periodOf(range.from, unit, calendar).to > last ? " so far" : "";
    return { range, name: `${label.toUpperCase()}${cut}`, unit };
  } catch (thrown) {
    if (thrown instanceof GrowthosError && thrown.code === "BAD_WINDOW") return null;
    throw thrown;
  }
}

function allTime(at: At, from: number, { firstDay, last }: Days): Span | null {
  const isAll = at(0) === "all" && at(1) === "time";
  const isEver =
    at(0) === "ever" || (at(0) === "since" && ["beginning", "start", "launch"].includes(at(at(1) === "the" ? 2 : 1)));
  if ((!isAll && !isEver) || firstDay === undefined) return null;
  const length = isAll ? 2 : at(0) === "ever" ? 1 : at(1) === "the" ? 3 : 2;
  return span(from, length, { range: { from: firstDay, to: last }, name: "all days that there are" });
}

/** Days, months, and ranges of them: `september`, `sep 1 to sep 30`, `from 2026-01-01 to 2026-01-31`, `since january`. */
function datedRange(tokens: readonly Token[], from: number, days: Days): Span | null {
  const at: At = (index) => tokens[from + index]?.text ?? "";
  const isSince = at(0) === "since";
  const lead = isSince || ["from", "between", "in", "during", "on", "for", "of"].includes(at(0)) ? 1 : 0;
  const festive = holidayDay(tokens, from + lead, days);
  const counted = relativeDayAt(tokens, from + lead, days.last);
  const start =
    dayAt(tokens, from + lead, days.last) ??
    monthAt(tokens, from + lead, { last: days.last, isLed: lead === 1 }) ??
    festive ??
    counted;
  if (start === null) return isSince ? sinceWindow(tokens, from, days) : null;
  if (isSince) {
    const range = { from: start.range.from, to: days.last };
    return span(from, lead + start.length, { range, name: `since ${start.range.from}` });
  }
  const join = at(lead + start.length);
  // "Compare January to February" are two windows, "spend from January to February" is one.
  const isLoose = start === festive || start === counted;
  const isTwo = (start.isMonth === true || isLoose) && tokens.slice(0, from).some(({ text }) => COMPARING.has(text));
  const isRange =
    ["to", "until", "till", "through", "thru", "-"].includes(join) || (join === "and" && at(0) === "between");
  const isJoined = isRange && !isTwo;
  const end = isJoined ? endOf(tokens, from + lead + start.length + 1, { start, days }) : null;
  // Alone they have a name of their own, and a holiday its shape.
  if (end === null && isLoose) return null;
  if (start.range.from > days.last) return future(from, lead + start.length, start.range.from, days);
  if (end === null)
    return lead === 1 && at(0) === "between" ? null : span(from, lead + start.length, windowOf(start, days.last));
  const to = earlierDay(end.range.to, days.last);
  const isBehind = start === counted && counted.isWeekday && start.range.from > to;
  const begin = isBehind
    ? addDays(start.range.from, -7)
    : start.isYearSaid || start.range.from <= to
      ? start.range.from
      : (yearBack(start.range.from) ?? start.range.from);
  if (begin > to) return null;
  const name = `${begin} to ${to}`;
  return span(from, lead + start.length + 1 + end.length, { range: { from: begin, to }, name });
}

/** `the week of january 5`, `week ending 2026-01-11`: the shop's week that holds the day. */
function weekOf(tokens: readonly Token[], from: number, days: Days): Span | null {
  const at: At = (index) => tokens[from + index]?.text ?? "";
  const skip = at(0) === "the" ? 1 : 0;
  if (at(skip) !== "week" || !["of", "beginning", "starting", "ending"].includes(at(skip + 1))) return null;
  const day = dayAt(tokens, from + skip + 2, days.last);
  if (day === null) return null;
  const length = skip + 2 + day.length;
  const week = periodOf(day.range.from, "week", days.calendar);
  if (week.from > days.last) return future(from, length, week.from, days);
  const range = { from: week.from, to: earlierDay(week.to, days.last) };
  return span(from, length, { range, name: `the week of ${day.name}`, unit: "week" });
}

function future(from: number, length: number, day: ISODate, { last }: Days): Span {
  const why = `${day} is not over: the last complete day is ${last}`;
  return refused(from, length, { code: "FUTURE", why, nearest: "last week" });
}

/** `since last month`, `since last week`: from the first day of what is named. */
function sinceWindow(tokens: readonly Token[], from: number, days: Days): Span | null {
  const found = windowAt(tokens, from + 1, days);
  if (found?.meaning.kind !== "window") return null;
  const range = { from: found.meaning.window.range.from, to: days.last };
  return span(from, found.to - from, { range, name: `since ${range.from}` });
}

/** The end of a range may leave its month out: `sep 1 - 15`. */
function endOf(
  tokens: readonly Token[],
  from: number,
  { start, days }: { readonly start: DatedPart; readonly days: Days },
): DatedPart | null {
  const full =
    dayAt(tokens, from, days.last) ??
    monthAt(tokens, from, { last: days.last, isLed: true }) ??
    holidayDay(tokens, from, days) ??
    relativeDayAt(tokens, from, days.last) ??
    untilNowAt(tokens, from, days.last);
  if (full !== null) return full;
  const token = tokens[from];
  if (token?.kind !== "number" || token.value === undefined || rangeLength(start.range) > 1) return null;
  const day = `${start.range.from.slice(0, 8)}${String(token.value).padStart(2, "0")}`;
  return isISODate(day) ? { range: { from: day, to: day }, length: 1, isYearSaid: true, name: day } : null;
}

function yearBack(day: ISODate): ISODate | null {
  const earlier = `${Number(day.slice(0, 4)) - 1}${day.slice(4)}`;
  return isISODate(earlier) ? earlier : null;
}

function windowOf({ range, name, isMonth }: DatedPart, last: ISODate): NamedWindow {
  const cut = range.to > last;
  const days = { from: range.from, to: earlierDay(range.to, last) };
  return { range: days, name: cut ? `${name} so far` : name, ...(isMonth === true ? { unit: "month" as const } : {}) };
}

/** The period that holds the last complete day, as far as it is complete. */
export function soFar(unit: Unit, { last, calendar }: Days): NamedWindow {
  const period = periodOf(last, unit, calendar);
  const isOver = period.to === last;
  return {
    range: { from: period.from, to: last },
    name: isOver ? `the ${unit} to ${last}` : `this ${unit} so far`,
    unit,
    ...(isOver ? { note: `no day of the ${unit} that began on ${addDays(last, 1)} is over yet` } : {}),
  };
}

/** The newest period that is over. */
export function lastOf(unit: Unit, { last, calendar }: Days): NamedWindow {
  const holds = periodOf(last, unit, calendar);
  const { from, to } = holds.to === last ? holds : shiftPeriod(holds, -1, calendar);
  return { range: { from, to }, name: `last ${unit}`, unit };
}

/** So many days up to the last complete one. */
export function rolling(count: number, { last }: Days): NamedWindow {
  const days = Math.min(Math.max(Math.trunc(count), 1), MOST_DAYS);
  return {
    range: { from: addDays(last, 1 - days), to: last },
    name: days === 1 ? "yesterday" : `the last ${days} days`,
  };
}

function wholePeriods(count: number, unit: Unit, days: Days): NamedWindow {
  const { calendar } = days;
  const newest = lastOf(unit, days);
  const first: Period = shiftPeriod(
    periodOf(newest.range.from, unit, calendar),
    1 - Math.min(Math.max(count, 1), 520),
    calendar,
  );
  const name = count === 1 ? `last ${unit}` : `the last ${count} whole ${unit}s`;
  return { range: { from: first.from, to: newest.range.to }, name, ...(count === 1 ? { unit } : {}) };
}

function weekend({ last }: Days): NamedWindow {
  const sunday = addDays(last, -(isoWeekday(last) % 7));
  const range: DateRange = { from: addDays(sunday, -1), to: sunday };
  return { range, name: "last weekend" };
}
