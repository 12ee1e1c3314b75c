/** Days and months as people write them: `sept 1st`, `1 september 2025`, `2026-01-31`, `March`. A year that is left out is the newest past one. */
import { addDays, addMonths, type DateRange, type ISODate, isISODate } from "../base/dates.js";
import { monthEnd } from "../metrics/calendar.js";
import type { Token } from "./types.js";

/** A day or month with the number of tokens that it takes. */
export interface DatedPart {
  readonly range: DateRange;
  readonly length: number;
  readonly isYearSaid: boolean;
  readonly name: string;
  readonly isMonth?: true;
}

const MONTHS = [
  ...["january", "february", "march", "april", "may", "june"],
  ...["july", "august", "september", "october", "november", "december"],
];

/** Names and short names of months, for the correction of typos. */
export const MONTH_WORDS: readonly string[] = [
  ...MONTHS,
  "jan",
  "feb",
  "mar",
  "apr",
  "jun",
  "jul",
  "aug",
  "sep",
  "sept",
  "oct",
  "nov",
  "dec",
];

function monthNumber(token: Token | undefined): number | null {
  const text = token?.kind === "word" ? token.text.replace(/\.$/, "") : "";
  if (!MONTH_WORDS.includes(text)) return null;
  return MONTHS.findIndex((name) => name.startsWith(text.slice(0, 3))) + 1;
}

function yearOf(token: Token | undefined): number | null {
  return token?.kind === "number" && /^(19|20)\d{2}$/.test(token.text) && token.unit === undefined
    ? Number(token.text)
    : null;
}

/** A day at a place: ISO, `september 1st, 2025`, `1st of september`. */
export function dayAt(tokens: readonly Token[], from: number, last: ISODate): DatedPart | null {
  const first = tokens[from];
  if (first?.kind === "date" && isISODate(first.text)) return dayPart(first.text, 1, true);
  const monthFirst = monthNumber(first);
  if (monthFirst !== null) return placed(monthFirst, tokens, { dayAt: from + 1, next: from + 2, from, last });
  const skip = tokens[from + 1]?.text === "of" ? 2 : 1;
  const month = monthNumber(tokens[from + skip]);
  if (month === null) return null;
  return placed(month, tokens, { dayAt: from, next: from + skip + 1, from, last });
}

function placed(
  month: number,
  tokens: readonly Token[],
  {
    dayAt: at,
    next,
    from,
    last,
  }: { readonly dayAt: number; readonly next: number; readonly from: number; readonly last: ISODate },
): DatedPart | null {
  const token = tokens[at];
  if (token?.kind !== "number" || token.value === undefined || token.value > 31) return null;
  const comma = tokens[next]?.text === "," && yearOf(tokens[next + 1]) !== null ? 1 : 0;
  const year = yearOf(tokens[next + comma]);
  const rest = `-${String(month).padStart(2, "0")}-${String(token.value).padStart(2, "0")}`;
  const newest = Number(last.slice(0, 4));
  const days = (year === null ? [newest, newest - 1] : [year]).map((one) => `${one}${rest}`);
  const day = days.find((one): one is ISODate => isISODate(one) && (one <= last || year !== null));
  return day === undefined ? null : dayPart(day, next - from + (year === null ? 0 : 1 + comma), year !== null);
}

function dayPart(day: ISODate, length: number, isYearSaid: boolean): DatedPart {
  return { range: { from: day, to: day }, length, isYearSaid, name: day };
}

/** A month at a place: `september`, `sept 2025`, `2025-09`. `may` and `march` are verbs too: alone they need a word before them. */
export function monthAt(
  tokens: readonly Token[],
  from: number,
  { last, isLed }: { readonly last: ISODate; readonly isLed: boolean },
): DatedPart | null {
  const first = tokens[from];
  // Years as in words: the month after 9999-12 is no date.
  if (first?.kind === "date" && /^(19|20)\d{2}-(0[1-9]|1[0-2])$/.test(first.text))
    return monthPart(`${first.text}-01` as ISODate, 1, true);
  const month = monthNumber(first);
  if (month === null) return null;
  const [isLast, skip] = tokens[from + 1]?.text === "of" ? [false, 1] : [false, 0];
  const year = yearOf(tokens[from + 1 + skip]);
  if (year === null && !isLed && !isLast && (first?.text === "may" || first?.text === "mar")) return null;
  const start = (of: number) => `${of}-${String(month).padStart(2, "0")}-01` as ISODate;
  if (year !== null) return monthPart(start(year), 2 + skip, true);
  const newest = start(Number(last.slice(0, 4)));
  return monthPart(newest <= last ? newest : addMonths(newest, -12), 1, false);
}

function monthPart(first: ISODate, length: number, isYearSaid: boolean): DatedPart {
  const name = `${(MONTHS[Number(first.slice(5, 7)) - 1] ?? "").replace(/^./, (letter) => letter.toUpperCase())} ${first.slice(0, 4)}`;
  return { range: { from: first, to: monthEnd(addDays(first, 0)) }, length, isYearSaid, name, isMonth: true };
}
