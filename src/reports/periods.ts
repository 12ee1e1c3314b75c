/** The periods that a page offers to choose from, and the two comparisons of each. */
import type { Calendar, DateRange } from "../base/dates.js";
import { earlierDay, laterDay } from "../metrics/calendar.js";
import { calendarOf, periodOf, shiftPeriod } from "../metrics/fiscal.js";
import type { AnswerContext, Comparison } from "../metrics/types.js";
import { windowFor } from "../metrics/windows.js";
import { isFiscal, weekYearBefore } from "./fiscal.js";
import { plural } from "./narrative.js";
import { monthText, rangeText, slug } from "./text.js";
import type { Block, ComparisonId, PresetOption } from "./types.js";

/** One period: `id` is its address on the page and a part of the names of its queries. */
export interface PeriodChoice {
  readonly id: string;
  readonly label: string;
  readonly title: string;
  readonly group?: "Week" | "Month";
  readonly window: DateRange;
  /** What it is compared with. */
  readonly comparisons: Readonly<Record<ComparisonId, Comparison>>;
  /** As parts of a sentence: `in the 30 days 10 Jan – 8 Feb 2026`, `in the 30 days before`. */
  readonly when: string;
  readonly before: Readonly<Record<ComparisonId, string>>;
}

/** How many of each a page offers. */
export interface PeriodOffer {
  readonly days: readonly number[];
  /** Complete weeks and months, newest first. Default 0. */
  readonly weeks?: number;
  readonly months?: number;
}

/** What most pages offer. */
export const ALL_PERIODS: PeriodOffer = { days: [7, 14, 30, 90], weeks: 6, months: 6 };

/** The periods up to the last complete day. */
export function periodsOf(
  context: AnswerContext,
  rules: Calendar | number,
  offer: PeriodOffer = ALL_PERIODS,
): readonly PeriodChoice[] {
  const calendar = calendarOf(rules);
  return [
    ...offer.days.map((days) => daysChoice(days, windowFor(`${days}d`, context.lastCompleteDay, calendar), calendar)),
    ...wholePeriods(context, calendar, { unit: "week", count: offer.weeks ?? 0 }),
    ...wholePeriods(context, calendar, { unit: "month", count: offer.months ?? 0 }),
  ];
}

/** From the first day of any of them to the last; there is one at least. */
export function spanOf(periods: readonly PeriodChoice[]): DateRange {
  return periods
    .map(({ window }) => window)
    .reduce((span, { from, to }) => ({ from: earlierDay(span.from, from), to: laterDay(span.to, to) }));
}

/** The rules of the shop's calendar, as pages that are being built find them. */
export function calendarIn(context: AnswerContext): Calendar {
  return calendarOf(context.calendar ?? context.weekEndsOn ?? 7);
}

function daysChoice(days: number, window: DateRange, calendar: Calendar): PeriodChoice {
  const text = plural(days, "day");
  return {
    id: `${days}d`,
    label: text,
    title: `Last ${text}`,
    ...comparedWith(window, calendar, `in the ${text} before`),
    when: `in the ${text} ${rangeText(window)}`,
  };
}

function wholePeriods(
  { lastCompleteDay }: AnswerContext,
  calendar: Calendar,
  { unit, count }: { readonly unit: "week" | "month"; readonly count: number },
): readonly PeriodChoice[] {
  const newest = periodOf(windowFor(`last ${unit}`, lastCompleteDay, calendar).to, unit, calendar);
  return Array.from({ length: count }, (_, back) => {
    const { from, to, label } = shiftPeriod(newest, -back, calendar);
    const window = { from, to };
    const name = unit === "month" && !isFiscal(calendar) ? monthText(from) : label;
    return {
      id: slug(label),
      label: unit === "week" ? `${label}: ${rangeText(window)}` : name,
      title: unit === "week" ? `Week ${label}: ${rangeText(window)}` : name,
      group: unit === "week" ? "Week" : "Month",
      // A month is held against as many days before it, not against a month of another length.
      ...comparedWith(window, calendar, unit === "week" ? "the week before" : "in as many days before"),
      when: unit === "week" ? `in the week ${rangeText(window)}` : `in ${name}`,
    };
  });
}

function comparedWith(
  window: DateRange,
  calendar: Calendar,
  previous: string,
): Pick<PeriodChoice, "window" | "comparisons" | "before"> {
  return {
    window,
    comparisons: { previous: { kind: "previous" }, year: weekYearBefore(window, calendar) },
    before: { previous, year: "on the same weekdays a year earlier" },
  };
}

/** The comparisons in the order in which they are shown. */
export const COMPARISONS = ["previous", "year"] as const satisfies readonly ComparisonId[];

/** Periods as one presets block. `selected`: an id. */
export function periodBlock(
  periods: readonly PeriodChoice[],
  selected: string,
  blocksOf: (period: PeriodChoice) => readonly Block[],
): Block {
  const options = periods.map((period): PresetOption => {
    const { id, label, title, group } = period;
    return { id, label, title, ...(group === undefined ? {} : { group }), blocks: blocksOf(period) };
  });
  return { kind: "presets", selected, options };
}
