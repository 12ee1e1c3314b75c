/** 6-12 charts, process-behaviour charts and tables of weeks and months of the deck. */

import { meansOf, usualOf } from "../../alerts/signals.js";
import { formatValue } from "../../metrics/format.js";
import type { Slot } from "../../metrics/six-twelve.js";
import type { MetricDef, MetricId, MetricValue } from "../../metrics/types.js";
import { NOT_ASKED } from "../../metrics/values.js";
import { signalsOf, type XmrRule } from "../../stats/xmr.js";
import type { SixTwelvePoint } from "../block-types/six-twelve.js";
import type { XmrPoint } from "../block-types/xmr.js";
import { chartNumber, figureText, textCell } from "../figures.js";
import { plural } from "../narrative.js";
import { dayText } from "../text.js";
import type { BlockOf, TableCell } from "../types.js";
import { eventsBetween, eventText } from "./events.js";
import { againstTarget, boxOf, type Review, shortFigure, targetIn, valueIn } from "./review.js";
import type { DeckEvent } from "./types.js";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `2026-W06` is `W06`, `2026-02` is `Feb`, `FY2026 P05` is `P05`. */
export function shortLabel(label: string): string {
  const month = /^\d{4}-(\d{2})$/.exec(label);
  return month === null ? (/[WP]\d{2}$/.exec(label)?.[0] ?? label) : (MONTHS[Number(month[1]) - 1] ?? label);
}

/** What an axis is in. */
function unitOf({ unit }: MetricDef, currency: string): string {
  return unit === "money" ? currency : unit === "ratio" ? "%" : "";
}

/** The 6-12 chart of a metric. */
export function sixTwelveBlock(review: Review, id: MetricId): BlockOf<"six_twelve"> {
  const { facts, slots } = review;
  const def = facts.metric(id);
  const { currency } = facts.context;
  const events = eventsOfChart(review, id);
  const number = (value: MetricValue | null) => (value === null ? null : chartNumber(value, def.unit, currency));
  const pointOf = (slot: Slot, unit: "week" | "month"): SixTwelvePoint => {
    const { now, before } = valueIn(review, id, { slot, unit });
    return {
      label: shortLabel(slot.label),
      now: shortFigure(now, def, { facts, range: slot }),
      value: number(now),
      before: number(before),
      target: number(targetIn(review, id, { slot, unit })),
      events: events.flatMap((event, index) =>
        event.day >= slot.from && event.day <= slot.to && isMarked(event, unit, slots.weeks) ? [index + 1] : [],
      ),
    };
  };
  const box = boxOf(review, id);
  const target = againstTarget(review, id);
  const title = titleOf(def, box);
  const tone = target?.onTrack === true ? "good" : target?.onTrack === false ? "bad" : "neutral";
  return {
    kind: "six_twelve",
    title,
    alt: `${title}. Six weeks and twelve months against the year before.${target === null ? "" : ` ${target.text}.`}`,
    unit: unitOf(def, currency),
    weeks: slots.weeks.map((slot) => pointOf(slot, "week")),
    months: slots.months.map((slot) => pointOf(slot, "month")),
    box,
    ...(target === null ? {} : { target: { text: `${target.text}.`, tone } }),
    events: events.map((event, index) => ({ number: index + 1, text: eventText(event) })),
  };
}

/** "Net revenue $49,671.00: +2.3% on the week, +8.1% on the year"; what is missing says why. */
function titleOf({ title }: MetricDef, [last, wow, yoy]: ReturnType<typeof boxOf>): string {
  if (last === undefined) return title;
  const isKnown = last.figure.status === "ok" || last.figure.status === "provisional";
  if (!isKnown) return `${title}: ${figureText(last.figure)}`;
  const changes = [
    { cell: wow, on: "on the week" },
    { cell: yoy, on: "on the year" },
  ].flatMap(({ cell, on }) => (cell?.figure.status === "ok" ? [`${cell.figure.text} ${on}`] : []));
  return `${title} ${last.figure.text}${changes.length === 0 ? "" : `: ${changes.join(", ")}`}`;
}

/** Events of the twelve months that concern a metric. */
function eventsOfChart({ facts, slots, week }: Review, id: MetricId): readonly DeckEvent[] {
  const from = slots.months[0]?.from ?? week.from;
  return eventsBetween(facts, { from, to: week.to }).filter(({ metrics }) => metrics?.includes(id) ?? true);
}

/** An event of the six weeks is marked there, an earlier one in its month. */
function isMarked(event: DeckEvent, unit: "week" | "month", weeks: readonly Slot[]): boolean {
  const isRecent = event.day >= (weeks[0]?.from ?? event.day);
  return unit === "week" ? isRecent : !isRecent;
}

const RULE_NUMBERS: Readonly<Record<XmrRule, 1 | 2 | 3>> = { outside: 1, run_of_8: 2, "3_of_4_near_limit": 3 };
/** Older weeks made the limits, but are not drawn. */
const WEEKS_DRAWN = 52;

/** The process-behaviour chart of a metric: the weeks and limits that `growthos alerts` judges by. */
export function xmrBlock(review: Review, id: MetricId): BlockOf<"xmr"> {
  const { facts } = review;
  const def = facts.metric(id);
  const { currency } = facts.context;
  const usual = usualOf(def, review.weeks, aroundOf(review));
  const signals =
    usual.limits === null
      ? []
      : signalsOf(
          usual.weeks.map(({ value }) => value),
          usual.limits,
        );
  const byWeek = new Map(usual.weeks.map(({ key }, index) => [key, signals[index] ?? null]));
  const first = review.weeks.findIndex((row) => row.values[id]?.value.status === "ok");
  const drawn = first < 0 ? [] : review.weeks.slice(first).slice(-WEEKS_DRAWN);
  const points = drawn.map((row): XmrPoint => {
    const value = row.values[id]?.value ?? NOT_ASKED;
    const signal = byWeek.get(row.key) ?? null;
    const range = { from: row.key as Slot["from"], to: lastDayOf(row.label, row.key) };
    return {
      label: shortLabel(row.label.replace(/,.*$/, "")),
      day: range.to,
      value: chartNumber(value, def.unit, currency),
      figure: shortFigure(value, def, { facts, range }),
      rule: signal === null ? null : RULE_NUMBERS[signal.rule],
      means: signal === null ? "neither" : meansOf(def, signal),
    };
  });
  const title = xmrTitle(def, points);
  return {
    kind: "xmr",
    title,
    alt: `Process-behaviour chart of ${plural(points.length, "week")}. ${title}.`,
    unit: unitOf(def, currency),
    points,
    limits: limitsIn(usual, def, currency),
    note: limitsNote(usual),
  };
}

/** The label of a week ends with its last day. */
function lastDayOf(label: string, key: string): Slot["to"] {
  return (/\d{4}-\d{2}-\d{2}$/.exec(label)?.[0] ?? key) as Slot["to"];
}

/** What the alert engine takes into account beside the weeks. */
export function aroundOf({ facts, week }: Review) {
  const { watch, limits, dividers, frozen } = facts.deck;
  return {
    metrics: watch,
    limits,
    dividers,
    frozen,
    week,
    source: { context: facts.context, catalog: { get: facts.metric } },
  };
}

type Usual = ReturnType<typeof usualOf>;

function limitsIn({ limits }: Usual, def: MetricDef, currency: string): BlockOf<"xmr">["limits"] {
  if (limits === null) return null;
  const number = (value: number) => chartNumber({ status: "ok", value }, def.unit, currency) ?? 0;
  const text = (value: number) => formatValue({ status: "ok", value }, def.unit, currency);
  const { centre, upper, lower, provisional } = limits;
  return {
    centre: number(centre),
    upper: number(upper),
    lower: number(lower),
    figures: { centre: text(centre), upper: text(upper), lower: text(lower) },
    provisional,
  };
}

function limitsNote({ limits, segment, weeks }: Usual): string {
  if (limits === null)
    return `Limits need six known weeks; there ${weeks.length === 1 ? "is" : "are"} ${weeks.length}.`;
  const kind = limits.provisional ? "Provisional limits" : "Limits";
  return `${kind} from ${plural(limits.points, "week")} since ${dayText(segment)}${limits.provisional ? "; they settle with 17" : ""}.`;
}

function xmrTitle({ title }: MetricDef, points: readonly XmrPoint[]): string {
  const newest = points.at(-1);
  if (newest === undefined) return `${title}: no week is known`;
  if (newest.value === null) return `${title}: ${figureText(newest.figure)}`;
  if (newest.rule === null) return `${title} ${newest.figure.text}: nothing to see here, within its usual noise`;
  const judged = newest.means === "neither" ? "" : `, for the ${newest.means}`;
  return `${title} ${newest.figure.text}: more than its usual noise${judged}`;
}

/** Six weeks of several metrics, with quarter and year to date. */
export function weeksTable(review: Review, metrics: readonly MetricId[]): BlockOf<"table"> {
  return periodsTable(review, metrics, { title: "The last six weeks", unit: "week", toDate: ["qtd", "ytd"] });
}

/** Twelve months of several metrics, a row per month: thirteen columns would fit no paper. */
export function monthsTable(review: Review, metrics: readonly MetricId[]): BlockOf<"table"> {
  const { columns, rows, ...table } = periodsTable(review, metrics, {
    title: "The last twelve months",
    unit: "month",
    toDate: [],
  });
  return {
    ...table,
    columns: [
      { id: "month", title: "Month", align: "left" },
      ...rows.map((row, index) => ({ id: `metric_${index}`, title: row[0]?.text ?? "", align: "right" as const })),
    ],
    rows: columns
      .slice(1)
      .map(({ title }, index) => [textCell(title, index), ...rows.map((row) => row.at(index + 1) ?? textCell("—"))]),
  };
}

interface TableShape {
  readonly title: string;
  readonly unit: "week" | "month";
  readonly toDate: readonly ("qtd" | "ytd")[];
}

function periodsTable(
  review: Review,
  metrics: readonly MetricId[],
  { title, unit, toDate }: TableShape,
): BlockOf<"table"> {
  const { facts, slots } = review;
  const periods = unit === "week" ? slots.weeks : slots.months;
  const right = "right" as const;
  return {
    kind: "table",
    title,
    columns: [
      { id: "metric", title: "Metric", align: "left" },
      ...periods.map((slot, index) => ({ id: `${unit}_${index}`, title: shortLabel(slot.label), align: right })),
      ...toDate.map((id) => ({ id, title: id.toUpperCase(), align: right })),
    ],
    rows: metrics.map((id) => {
      const def = facts.metric(id);
      const cell = (value: MetricValue, range: Slot): TableCell => {
        const shown = shortFigure(value, def, { facts, range });
        const isAbsent = value.status !== "ok" && shown.note !== null;
        return {
          text: shown.text,
          sort: value.status === "ok" ? value.value : null,
          ...(isAbsent ? { note: shown.note ?? "" } : {}),
        };
      };
      return [
        textCell(def.title),
        ...periods.map((slot) => cell(valueIn(review, id, { slot, unit }).now, slot)),
        ...toDate.map((name) => cell(review.totals[name][id]?.value ?? NOT_ASKED, slots.toDate[name])),
      ];
    }),
  };
}
