/** The weeks that a media mix is fitted to, read from the catalog like every other figure, and its answer for people (D-62). */
import { addDays, type Calendar, type DateRange } from "../base/dates.js";
import { type MixChannel, type MixEstimate, type MixVerdict, mediaMix, TODAY_WEEKS } from "../stats/media-mix.js";
import { type MixSuggestion, suggestSpend } from "../stats/mix-budget.js";
import type { Database } from "../warehouse/types.js";
import { type Bucket, bucketsOf } from "./calendar.js";
import { calendarOf } from "./fiscal.js";
import { occurrencesIn } from "./holidays.js";
import { runQuery } from "./run-query.js";
import type { AnswerContext, BreakdownRow, MetricId, QueryResult } from "./types.js";
import { NOT_ASKED } from "./values.js";

/** Four years: what was before says little about today. */
const MOST_WEEKS = 208;
/** Holidays that get an effect of their own; each takes from what the weeks can tell. */
const MOST_FLAGS = 6;

/** A channel with its name; `today` is its weekly spend of late, null where that is not known. */
export type NamedMixChannel = { readonly label: string; readonly today: number | null } & (
  | ({ readonly id: string; readonly status: "ok" } & Omit<MixEstimate, "draws" | "today">)
  | Exclude<MixChannel, { readonly status: "ok" }>
);

/** The mix of a shop's own weeks; money is minor units of the reporting currency, a week. */
export interface MixAnswer {
  /** The weeks that were used; the newest one where none is. */
  readonly window: DateRange;
  readonly verdict: MixVerdict;
  readonly channels: readonly NamedMixChannel[];
  /** Why the newest week is not known, or the one before the used ones; null: they are. */
  readonly missing: string | null;
  /** Null where there is no mix. Spend that is not told stays as it is, and is not in it. */
  readonly suggestion: MixSuggestion | null;
  /** Weekly spend of the channels that are not told. */
  readonly restToday: number;
}

/** Reads up to four years of complete weeks and fits the mix. `spend`: all channels' spend a week to be split, in minor units; default: as today. */
export async function readMediaMix(db: Database, context: AnswerContext, spend?: number): Promise<MixAnswer> {
  const weeks = wholeWeeks(context);
  const [first, last] = [weeks[0], weeks.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError("there are no weeks");
  const window = { from: first.from, to: last.to };
  const totals = await runQuery(db, { metrics: ["net_revenue", "spend"], window, grain: "week" }, context);
  const byChannel = await runQuery(
    db,
    { metrics: ["spend"], window, breakdown: "channel", grain: "week", limit: 50 },
    context,
  );
  return mixFrom({ totals, byChannel, weeks }, context, spend);
}

interface ReadWeeks {
  readonly totals: QueryResult;
  readonly byChannel: QueryResult;
  readonly weeks: readonly Bucket[];
}

function mixFrom(
  { totals, byChannel, weeks }: ReadWeeks,
  context: AnswerContext,
  spend: number | undefined,
): MixAnswer {
  const revenue = totals.series.map((row) => knownOf(row, "net_revenue"));
  // A shop begins with its first sale; weeks before it are not weeks without one.
  const first = revenue.findIndex((value) => value !== null && value !== 0);
  const begin = first === -1 ? revenue.length : first;
  const cut = <T>(values: readonly T[]) => values.slice(begin);
  const channels = byChannel.rows
    .map((row) => ({
      id: row.key,
      label: row.label,
      spend: cut((row.series ?? []).map((week) => knownOf(week, "spend"))),
    }))
    .filter((row) => row.spend.some((value) => value !== 0));
  const calendar = context.calendar ?? calendarOf(context.weekEndsOn ?? 7);
  const { verdict, channels: told } = mediaMix({
    outcome: cut(revenue),
    channels,
    flags: flagsOf(cut(weeks), calendar),
  });
  const named = told.map((channel): NamedMixChannel => {
    const own = channels.find(({ id }) => id === channel.id);
    const beside = { label: own?.label ?? channel.id, today: todayOf(own?.spend ?? []) };
    if (channel.status === "refused") return { ...channel, ...beside };
    const { draws: _, ...estimate } = channel.estimate;
    return { id: channel.id, status: "ok", ...estimate, ...beside };
  });
  const rest = named.reduce((sum, { status, today }) => (status === "ok" ? sum : sum + (today ?? 0)), 0);
  const used = weeks[weeks.length - Math.max(verdict.weeks, 1)] ?? weeks[0];
  const before = totals.series[weeks.length - verdict.weeks - 1];
  return {
    window: { from: used?.from ?? context.lastCompleteDay, to: weeks.at(-1)?.to ?? context.lastCompleteDay },
    verdict,
    channels: named,
    missing: missingOf(totals.series.at(-1)) ?? missingOf(before),
    suggestion: verdict.status === "ok" ? suggestSpend(told, spend === undefined ? undefined : spend - rest) : null,
    restToday: rest,
  };
}

/** Whole weeks of the shop's calendar up to the last complete day, oldest first. */
function wholeWeeks({ lastCompleteDay, calendar, weekEndsOn }: AnswerContext): readonly Bucket[] {
  const rules = calendar ?? calendarOf(weekEndsOn ?? 7);
  const from = addDays(lastCompleteDay, -7 * (MOST_WEEKS + 1));
  return bucketsOf({ from, to: lastCompleteDay }, "week", rules)
    .filter((week) => week.key === week.from && addDays(week.from, 6) === week.to)
    .slice(-MOST_WEEKS);
}

function knownOf(row: BreakdownRow, id: MetricId): number | null {
  const value = row.values[id]?.value ?? NOT_ASKED;
  return value.status === "ok" ? value.value : null;
}

function missingOf(row: BreakdownRow | undefined): string | null {
  if (row === undefined) return null;
  const values = ["net_revenue", "spend"].map((id) => row.values[id]?.value ?? NOT_ASKED);
  const details = values.flatMap((value) => (value.status === "ok" ? [] : [value.detail]));
  return details.length === 0 ? null : [...new Set(details)].join("; ");
}

function todayOf(spend: readonly (number | null)[]): number | null {
  const newest = spend.slice(-TODAY_WEEKS);
  if (newest.length < TODAY_WEEKS || newest.includes(null)) return null;
  return newest.reduce<number>((sum, value) => sum + (value ?? 0), 0) / TODAY_WEEKS;
}

/** Weeks of holidays that came at least twice: one alone would explain its week away. */
function flagsOf(weeks: readonly Bucket[], calendar: Calendar): readonly (readonly number[])[] {
  const [first, last] = [weeks[0], weeks.at(-1)];
  if (first === undefined || last === undefined) return [];
  const found = occurrencesIn({ from: first.from, to: last.to }, calendar);
  const names = [...new Set(found.map(({ name }) => name))];
  return names
    .map((name) => found.filter((one) => one.name === name).map(({ day }) => day))
    .filter((days) => days.length > 1)
    .slice(0, MOST_FLAGS)
    .map((days) => weeks.map(({ from, to }) => (days.some((day) => day >= from && day <= to) ? 1 : 0)));
}
