/** A metric's six weeks, twelve months and nine cells, taken from the results; nothing is computed here. */

import type { Calendar, DateRange } from "../../base/dates.js";
import { changeText } from "../../metrics/change.js";
import { calendarOf } from "../../metrics/fiscal.js";
import { type Slot, slotsOf } from "../../metrics/six-twelve.js";
import { isOnTrack, targetFor, varianceOf } from "../../metrics/targets.js";
import type { BreakdownRow, Compared, MetricDef, MetricId, MetricValue, QueryResult } from "../../metrics/types.js";
import { NOT_ASKED } from "../../metrics/values.js";
import type { Figure } from "../block-types/cells.js";
import type { BoxCell } from "../block-types/six-twelve.js";
import { NOT_OVER } from "../drawings/six-twelve.js";
import { changeFigure, changeTone, figure } from "../figures.js";
import type { Facts } from "../types.js";
import { gapText } from "./gaps.js";
import { deckResult } from "./reads.js";

/** The week under review, its calendar, and the results by period; made once per page. */
export interface Review {
  readonly facts: Facts;
  readonly week: DateRange;
  readonly calendar: Calendar;
  readonly slots: ReturnType<typeof slotsOf>;
  readonly weeks: readonly BreakdownRow[];
  readonly byStart: ReadonlyMap<string, BreakdownRow>;
  readonly monthsByStart: ReadonlyMap<string, BreakdownRow>;
  readonly totals: Readonly<Record<"week" | "year" | "mtd" | "qtd" | "ytd", QueryResult["totals"]>>;
}

/** The review of the week that the facts are about. */
export function reviewOf(facts: Facts): Review {
  const week = facts.result("week").query.window;
  const calendar = facts.context.calendar ?? calendarOf(facts.context.weekEndsOn ?? 7);
  const weeks = deckResult(facts, "weeks").series;
  const totals = (name: "week" | "year" | "mtd" | "qtd" | "ytd") => deckResult(facts, name).totals;
  return {
    facts,
    week,
    calendar,
    slots: slotsOf({ weekEnding: week.to, calendar }),
    weeks,
    byStart: new Map(weeks.map((row) => [row.key, row])),
    monthsByStart: new Map(deckResult(facts, "months").series.map((row) => [row.key, row])),
    totals: { week: totals("week"), year: totals("year"), mtd: totals("mtd"), qtd: totals("qtd"), ytd: totals("ytd") },
  };
}

const COMING: MetricValue = { status: "unknown", because: "no_data", detail: NOT_OVER };

/** The value of a metric in a week or month of the review, and in the same place of the year before; null where there is no such place. */
export function valueIn(
  review: Review,
  id: MetricId,
  { slot, unit }: { readonly slot: Slot; readonly unit: "week" | "month" },
): { readonly now: MetricValue; readonly before: MetricValue | null } {
  const rows = unit === "week" ? review.byStart : review.monthsByStart;
  const at = (range: DateRange) => rows.get(range.from)?.values[id]?.value ?? NOT_ASKED;
  return {
    now: slot.to > review.week.to ? COMING : at(slot),
    before: slot.before === null ? null : at(slot.before),
  };
}

/** A value with a reason in few words where it is missing: "Wed missing". */
export function shortFigure(
  value: MetricValue,
  def: MetricDef,
  { facts, range }: { readonly facts: Facts; readonly range: DateRange },
): Figure {
  const shown = figure(value, def.unit, facts.context.currency);
  return value.status === "unknown" && value.because === "days_missing"
    ? { ...shown, note: gapText(value.detail, range) }
    : shown;
}

/** The nine cells of a metric. */
export function boxOf(review: Review, id: MetricId): readonly BoxCell[] {
  const { facts, totals, slots, week } = review;
  const def = facts.metric(id);
  const value = (label: string, compared: Compared, range: DateRange): BoxCell => ({
    label,
    figure: shortFigure(compared.value, def, { facts, range }),
    tone: "neutral",
  });
  const change = (label: string, compared: Compared, range: DateRange): BoxCell => ({
    label,
    figure: shortChange(compared, def, range),
    tone: changeTone(compared, def),
  });
  const [lastWeek, year] = [totals.week[id] ?? { value: NOT_ASKED }, totals.year[id] ?? { value: NOT_ASKED }];
  return [
    value("LastWk", lastWeek, week),
    change("WOW", lastWeek, week),
    change("YOY", year, week),
    ...(["mtd", "qtd", "ytd"] as const).flatMap((unit) => {
      const compared = totals[unit][id] ?? { value: NOT_ASKED };
      return [value(unit.toUpperCase(), compared, slots.toDate[unit]), change("YOY", compared, slots.toDate[unit])];
    }),
  ];
}

/** A change, or in few words why there is none. */
function shortChange(compared: Compared, def: MetricDef, range: DateRange): Figure {
  const shown = changeFigure(compared, def.unit);
  const { value, previous } = compared;
  if (value.status === "unknown" && value.because === "days_missing")
    return { ...shown, note: gapText(value.detail, range) };
  if (value.status === "ok" && previous === undefined) return { ...shown, note: "no such week a year before" };
  if (value.status === "ok" && previous?.status === "unknown") return { ...shown, note: "nothing to compare with" };
  return shown;
}

/** Where a metric stands against its target. */
export interface AgainstTarget {
  readonly target: number;
  readonly targetText: string;
  readonly text: string;
  readonly onTrack: boolean | null;
}

/** The last week against its target; null without one. */
export function againstTarget(review: Review, id: MetricId): AgainstTarget | null {
  const { facts, calendar, week } = review;
  const def = facts.metric(id);
  const target = targetFor(def, "week", week, {
    targets: facts.deck.targets,
    calendar,
    catalog: { get: facts.metric },
  });
  if (target === null) return null;
  const { value } = review.totals.week[id] ?? { value: NOT_ASKED };
  const variance = varianceOf(value, target);
  const onTrack = isOnTrack(value, target, def.better);
  const targetText = figure({ status: "ok", value: target }, def.unit, facts.context.currency).text;
  const size =
    variance.status === "ok" ? `${changeText(variance.value, "relative")} against the target` : "not known this week";
  const track = onTrack === null ? "" : onTrack ? ": on track" : ": off track";
  return { target, targetText, onTrack, text: `Target ${targetText} a week; ${size}${track}` };
}

/** The target of a week or month of the chart, in the metric's own unit. */
export function targetIn(
  review: Review,
  id: MetricId,
  { slot, unit }: { readonly slot: Slot; readonly unit: "week" | "month" },
): MetricValue | null {
  const { facts, calendar } = review;
  const source = { targets: facts.deck.targets, calendar, catalog: { get: facts.metric } };
  const target = targetFor(facts.metric(id), unit, slot, source);
  return target === null ? null : { status: "ok", value: target };
}
