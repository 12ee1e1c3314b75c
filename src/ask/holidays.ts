/** Holidays as days: `black friday`, `christmas week 2024`, `last year's cyber monday`, `the week before easter`, `bfcm`. */
import { addDays, type Calendar, type DateRange, type ISODate, isoWeekday } from "../base/dates.js";
import { earlierDay } from "../metrics/calendar.js";
import { periodOf } from "../metrics/fiscal.js";
import type { HolidayDays } from "../metrics/holidays.js";
import type { DatedPart } from "./dates.js";
import type { HolidayTime, Meaning, NamedWindow, Token } from "./types.js";

/** What holidays are read with. */
export interface HolidayRules {
  readonly last: ISODate;
  readonly calendar: Calendar;
  readonly holidays: readonly HolidayDays[];
}

/** Other ways to say a holiday; plurals and the `s` of an owner are understood anyway. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  christmas: ["christmas day", "xmas", "xmas day"],
  christmas_eve: ["xmas eve"],
  new_years_day: ["new year"],
  new_years_eve: ["nye"],
  valentines_day: ["valentine"],
  easter: ["easter sunday"],
  thanksgiving: ["thanksgiving day"],
  labor_day: ["labour day"],
};

/** Four days that shops count as one: from the first to the second, of the same year. */
const SEASON = { first: "black_friday", second: "cyber_monday" } as const;
const SEASON_WORDS = [
  "bfcm",
  "black friday cyber monday",
  "cyber weekend",
  "black friday weekend",
  "cyber monday weekend",
];

const YEAR = /^(19|20)\d{2}$/;

/** Every word by which holidays are said. */
export function holidayWords(holidays: readonly HolidayDays[]): readonly string[] {
  const phrases = [...SEASON_WORDS, ...holidays.flatMap(({ name }) => spellings(name))];
  return [...new Set(phrases.flatMap((phrase) => phrase.split(" ")))];
}

function spellings(name: string): readonly string[] {
  return [name.replaceAll("_", " "), ...(Object.hasOwn(ALSO, name) ? (ALSO[name] ?? []) : [])];
}

/** A holiday at a place: its days, or why there are none; `length` counts the words. */
export interface HolidayPart {
  readonly length: number;
  readonly found: NamedWindow | Extract<Meaning, { readonly kind: "refusal" }>;
  readonly isYearSaid: boolean;
}

/** The holiday that begins at a token, with the year and the days around it; null when none does. */
export function holidayAt(tokens: readonly Token[], from: number, rules: HolidayRules): HolidayPart | null {
  return aroundAt(tokens, from, rules) ?? ownDaysAt(tokens, from, rules);
}

/** A holiday as an end of a range: `from black friday to christmas`. */
export function holidayDay(tokens: readonly Token[], from: number, rules: HolidayRules): DatedPart | null {
  const part = ownDaysAt(tokens, from, rules);
  if (part === null || "kind" in part.found) return null;
  const { range, name } = part.found;
  return { range, length: part.length, isYearSaid: part.isYearSaid, name };
}

/** The same days around the same holiday of another year: the one before, or one that is named. Null when the house knows none. */
export function sameHoliday(time: HolidayTime, year: number | null, rules: HolidayRules): NamedWindow | null {
  const wanted = year ?? Number(time.day.slice(0, 4)) - 1;
  const days = rules.holidays.find(({ name }) => name === time.name)?.days ?? [];
  // By the list, not by the calendar: a holiday may fall into a year twice, or not at all.
  const before = days.filter((day) => day < time.day).at(-1);
  const day = year === null ? before : days.find((one) => Number(one.slice(0, 4)) === wanted);
  return day === undefined || day > rules.last ? null : windowOf({ ...time, day }, rules);
}

/** A year and the words that say it. */
type Said = { readonly year: number | null; readonly length: number };

function ownDaysAt(tokens: readonly Token[], from: number, rules: HolidayRules): HolidayPart | null {
  const before = yearBefore(tokens, from, rules.last);
  const start = from + before.length;
  const named = namedAt(tokens, start, rules.holidays);
  if (named === null) return null;
  const next = tokens[start + named.length]?.text ?? "";
  const shape =
    named.shape === "day" && (next === "week" || next === "weekend") ? (next as HolidayTime["shape"]) : named.shape;
  const shaped = start + named.length + (shape === named.shape ? 0 : 1);
  const after = before.year === null ? yearBehind(tokens, shaped, rules.last) : { year: null, length: 0 };
  const year = before.year ?? after.year;
  const found = occurrence({ name: named.name, shape }, year, rules);
  return { length: shaped + after.length - from, found, isYearSaid: year !== null };
}

/** `last year's`, `this`, `the 2024`, `last`: the newest that is over is meant without any of them. */
function yearBefore(tokens: readonly Token[], from: number, last: ISODate): Said {
  const skip = tokens[from]?.text === "the" ? 1 : 0;
  const [first, second] = [tokens[from + skip]?.text ?? "", tokens[from + skip + 1]?.text ?? ""];
  const now = Number(last.slice(0, 4));
  if (second === "year" && ["last", "previous"].includes(first)) return { year: now - 1, length: skip + 2 };
  if (second === "year" && first === "this") return { year: now, length: skip + 2 };
  if (first === "this") return { year: now, length: skip + 1 };
  if (YEAR.test(first)) return { year: Number(first), length: skip + 1 };
  // "The" alone is left to what follows: "the black friday campaign" is a name.
  return { year: null, length: ["last", "previous", "past"].includes(first) ? skip + 1 : 0 };
}

/** `2024`, `of 2024`, `last year`, `this year`. */
function yearBehind(tokens: readonly Token[], from: number, last: ISODate): Said {
  const text = (index: number) => tokens[from + index]?.text ?? "";
  const skip = text(0) === "of" || text(0) === "in" ? 1 : 0;
  const now = Number(last.slice(0, 4));
  if (YEAR.test(text(skip))) return { year: Number(text(skip)), length: skip + 1 };
  if (text(skip + 1) !== "year") return { year: null, length: 0 };
  if (text(skip) === "last" || text(skip) === "previous") return { year: now - 1, length: skip + 2 };
  return text(skip) === "this" ? { year: now, length: skip + 2 } : { year: null, length: 0 };
}

interface Named {
  readonly name: string;
  readonly shape: HolidayTime["shape"];
  readonly length: number;
}

/** The longest holiday that is spelled out at a place. */
function namedAt(tokens: readonly Token[], from: number, holidays: readonly HolidayDays[]): Named | null {
  const has = (name: string) => holidays.some((holiday) => holiday.name === name);
  const season = has(SEASON.first) && has(SEASON.second) ? SEASON_WORDS : [];
  const phrases = [
    ...season.map((text) => ({ name: SEASON.first, shape: "season" as const, text })),
    ...holidays.flatMap(({ name }) => spellings(name).map((text) => ({ name, shape: "day" as const, text }))),
  ];
  let best: Named | null = null;
  for (const { text, name, shape } of phrases) {
    const words = text.split(" ");
    const isHere = words.every((word, index) => isLike(tokens[from + index], word));
    if (isHere && words.length > (best?.length ?? 0)) best = { name, shape, length: words.length };
  }
  return best;
}

/** `valentine's`, `valentines` and `valentine` are one word. */
function isLike(token: Token | undefined, word: string): boolean {
  if (token === undefined || token.kind === "quoted") return false;
  const bare = (text: string) => (text.length > 3 ? text.replace(/s$/, "") : text);
  return token.text === word || (token.kind === "word" && bare(token.text) === bare(word));
}

function occurrence(
  { name, shape }: Pick<HolidayTime, "name" | "shape">,
  year: number | null,
  rules: HolidayRules,
): HolidayPart["found"] {
  const { last } = rules;
  const days = rules.holidays.find((holiday) => holiday.name === name)?.days ?? [];
  const begins = (day: ISODate) => rangeOf({ name, shape, day }, rules).from;
  const of = year === null ? days : days.filter((day) => Number(day.slice(0, 4)) === year);
  const title = titleOf(name);
  // The one of today is meant, and is not over: the one of the year before would be a wrong answer.
  const today = year === null ? of.find((day) => begins(day) === addDays(last, 1)) : undefined;
  if (today !== undefined) return notOver(`${title} began on ${begins(today)}`, "NOT_COMPLETE", last);
  const newest = of.filter((day) => begins(day) <= last).at(-1);
  if (newest !== undefined) return windowOf({ name, shape, day: newest }, rules);
  const [future] = of;
  if (future !== undefined) return notOver(`${title} is on ${future}`, "FUTURE", last);
  return {
    kind: "refusal",
    code: "UNKNOWN_WORDS",
    why: `no day of ${title}${year === null ? "" : ` in ${year}`} is known: list it in calendar.holidays.${name}, or write the date`,
  };
}

function notOver(what: string, code: "FUTURE" | "NOT_COMPLETE", last: ISODate): HolidayPart["found"] {
  return { kind: "refusal", code, why: `${what}, and the last complete day is ${last}`, nearest: "last week" };
}

function windowOf(holiday: HolidayTime, rules: HolidayRules): NamedWindow {
  const { from, to } = rangeOf(holiday, rules);
  const title = titleOf(holiday.shape === "season" ? "black_friday_to_cyber_monday" : holiday.name);
  const of = holiday.shape === "week" || holiday.shape === "weekend" ? `the ${holiday.shape} of ` : "";
  const cut = to > rules.last ? " so far" : "";
  const name = `${of}${title} ${holiday.day.slice(0, 4)}${cut}`;
  return { range: { from, to: earlierDay(to, rules.last) }, name, holiday };
}

/** A week is the shop's; a weekend is Saturday, Sunday and the days between them and the holiday. */
function rangeOf({ shape, day }: HolidayTime, { calendar, holidays }: HolidayRules): DateRange {
  if (shape === "week") {
    const { from, to } = periodOf(day, "week", calendar);
    return { from, to };
  }
  if (shape === "season") {
    const days = holidays.find((holiday) => holiday.name === SEASON.second)?.days ?? [];
    return { from: day, to: days.find((one) => one >= day) ?? day };
  }
  if (shape === "day") return { from: day, to: day };
  const weekday = isoWeekday(day);
  // Monday to Wednesday lie behind their weekend, the others before it.
  if (weekday <= 3) return { from: addDays(day, -1 - weekday), to: day };
  return { from: earlierDay(day, addDays(day, 6 - weekday)), to: addDays(day, 7 - weekday) };
}

/** `the week before christmas`, `3 days after black friday`, `the week of easter`, `the day before thanksgiving`. */
function aroundAt(tokens: readonly Token[], from: number, rules: HolidayRules): HolidayPart | null {
  const text = (index: number) => tokens[from + index]?.text ?? "";
  let at = text(0) === "the" ? 1 : 0;
  const number = tokens[from + at];
  const count = number?.kind === "number" && Number.isInteger(number.value) ? (number.value ?? 1) : 1;
  if (number?.kind === "number") at += 1;
  const unit = /^(day|week|weekend)s?$/.exec(text(at))?.[1];
  const side = text(at + 1);
  const isAround = side === "before" || side === "after" ? unit !== "weekend" : side === "of" && unit !== "day";
  if (unit === undefined || !isAround) return null;
  const own = ownDaysAt(tokens, from + at + 2, rules);
  if (own === null) return null;
  const length = at + 2 + own.length;
  const { found } = own;
  if ("kind" in found || found.holiday === undefined) return { ...own, length };
  if (side === "of")
    return { ...own, length, found: windowOf({ ...found.holiday, shape: unit as "week" | "weekend" }, rules) };
  const days = Math.min(Math.max(count, 1), 366) * (unit === "week" ? 7 : 1);
  const { range } = found;
  const wanted =
    side === "before"
      ? { from: addDays(range.from, -days), to: addDays(range.from, -1) }
      : { from: addDays(range.to, 1), to: addDays(range.to, days) };
  const name = `${days === 1 ? "the day" : `the ${days} days`} ${side} ${found.name}`;
  if (wanted.from > rules.last)
    return { ...own, length, found: notOver(`${name} is not there yet`, "FUTURE", rules.last) };
  return { ...own, length, found: { range: { ...wanted, to: earlierDay(wanted.to, rules.last) }, name } };
}

/** `black_friday` is `Black Friday`, `mothers_day` `Mother's Day`. */
function titleOf(name: string): string {
  return name
    .split("_")
    .map((word) => (word === "to" ? word : word.replace(/^./, (letter) => letter.toUpperCase())))
    .join(" ")
    .replace(/\b(Valentine|Year|Mother|Father)s\b/, "$1's");
}
