/** What net revenue of a month went into: goods, fulfilment, ads by platform, entered costs by category, and what is left. */
import { addDays, type Calendar, type DateRange, rangeLength } from "../base/dates.js";
import { earlierDay } from "../metrics/calendar.js";
import { sameFiscalPlace } from "../metrics/comparisons.js";
import { calendarOf, type Period, periodOf, shiftPeriod } from "../metrics/fiscal.js";
import { shareValue } from "../metrics/shares.js";
import type { AnswerContext, BreakdownRow, Compared, Comparison, MetricId, SemanticQuery } from "../metrics/types.js";
import { changeCell, changeFigure, changeTone, figure, textCell, valueCell } from "./figures.js";
import { isFiscal } from "./fiscal.js";
import { plural } from "./narrative.js";
import { calendarIn } from "./periods.js";
import { platformName } from "./platforms.js";
import { cellOf, comparedOf, figureOf, pointOf, valueIn } from "./read-values.js";
import { label, monthText, rangeText } from "./text.js";
import type { Block, BlockOf, Facts, Kpi, PresetOption, TableCell } from "./types.js";

/** Names of the queries and of the addresses on the page. */
const PREFIX = "pnl_parts";
const CARDS: readonly MetricId[] = [
  "net_revenue",
  "gross_profit",
  "contribution_margin",
  "total_costs",
  "operating_profit",
  "net_roas",
];
/** The parts that one metric tells whole. */
const PARTS: readonly { readonly metric: MetricId; readonly title: string }[] = [
  { metric: "net_cogs", title: "Goods" },
  { metric: "shipping_cost", title: "Shipping" },
  { metric: "ops_cost", title: "Operations" },
  { metric: "payment_fees", title: "Payment fees" },
];
/** The parts that have parts: by platform, and by the category under which they were entered. */
const SPLITS = [
  { id: "ads", metric: "spend", breakdown: "platform", title: "Ad spend", name: platformName },
  { id: "costs", metric: "entered_costs", breakdown: "cost_category", title: "Other costs", name: label },
] as const;
/** Bars that can be told apart. */
const MOST_BARS = 14;
/** Platforms, and categories; `growthos metrics` lists the rest. */
const MOST_ROWS = 100;

/** What the section is made of, in the order of the definitions. */
export const COMPOSITION_METRICS: readonly MetricId[] = ["net_cogs", "total_costs", "spend_and_costs", "net_roas"];

/** A month of the statement, with the months it is held against. */
interface Month {
  readonly id: "month" | "so-far";
  readonly label: string;
  readonly window: DateRange;
  readonly before: DateRange;
  readonly year: Comparison;
}

/** The newest whole month, and the one that goes on, when it has begun. */
function monthsOf({ lastCompleteDay: to }: AnswerContext, rules: Calendar | number): readonly Month[] {
  const calendar = calendarOf(rules);
  const current = periodOf(to, "month", calendar);
  const name = ({ from, label: text }: Period) => (isFiscal(calendar) ? text : monthText(from));
  const monthOf = (period: Period, id: Month["id"]): Month => {
    const window = { from: period.from, to: earlierDay(period.to, to) };
    const last = shiftPeriod(period, -1, calendar);
    const sameDay = earlierDay(last.to, addDays(last.from, rangeLength(window) - 1));
    const isWhole = window.to === period.to;
    return {
      id,
      label: isWhole ? name(period) : `${name(period)} so far`,
      window,
      // A whole month against the whole one before, whatever their lengths; days of a month against as many first days.
      before: { from: last.from, to: isWhole ? last.to : sameDay },
      year:
        calendar.periods === "months"
          ? { kind: "same_date" }
          : { kind: "range", range: sameFiscalPlace(window, calendar).range },
    };
  };
  if (current.to === to) return [monthOf(current, "month")];
  return [monthOf(shiftPeriod(current, -1, calendar), "month"), monthOf(current, "so-far")];
}

/** The questions of the section, each against the month before and against the year before. */
export function compositionReads(
  context: AnswerContext,
  rules: Calendar | number,
): Readonly<Record<string, SemanticQuery>> {
  const metrics = [...CARDS, ...PARTS.map(({ metric }) => metric), ...SPLITS.map(({ metric }) => metric)];
  return Object.fromEntries(
    monthsOf(context, rules).flatMap(({ id, window, before, year }): [string, SemanticQuery][] => {
      const both = (name: string, query: Omit<SemanticQuery, "window">): [string, SemanticQuery][] => [
        [`${PREFIX}_${name}_${id}`, { ...query, window, compare: { kind: "range", range: before } }],
        [`${PREFIX}_${name}_${id}_year`, { ...query, window, compare: year }],
      ];
      return [
        ...both("all", { metrics, grain: "day" }),
        ...SPLITS.flatMap(({ id: split, metric, breakdown }) =>
          both(split, { metrics: [metric], breakdown, orderBy: { metric, direction: "desc" }, limit: MOST_ROWS }),
        ),
      ];
    }),
  );
}

/** The section: one month or the other. */
export function composition(facts: Facts): Block {
  const options = monthsOf(facts.context, calendarIn(facts.context)).map(
    (month): PresetOption => ({
      id: month.id,
      label: month.label,
      blocks: blocksOf(facts, month),
    }),
  );
  return { kind: "presets", selected: "month", options };
}

/** A part with its value now, and in both comparisons. */
interface Part {
  readonly metric: MetricId;
  readonly title: string;
  readonly now: BreakdownRow["values"];
  readonly year: BreakdownRow["values"] | undefined;
}

/** The parts, the largest first; those that are unknown last. A split without rows stands as a whole, so that it says why. */
function partsOf(facts: Facts, month: Month): readonly Part[] {
  const [all, year] = [facts.result(`${PREFIX}_all_${month.id}`), facts.result(`${PREFIX}_all_${month.id}_year`)];
  const whole = PARTS.map((part): Part => ({ ...part, now: all.totals, year: year.totals }));
  const split = SPLITS.flatMap(({ id, metric, title, name }): readonly Part[] => {
    const { rows } = facts.result(`${PREFIX}_${id}_${month.id}`);
    const years = new Map(facts.result(`${PREFIX}_${id}_${month.id}_year`).rows.map((row) => [row.key, row.values]));
    if (rows.length === 0) return [{ metric, title, now: all.totals, year: year.totals }];
    return rows.map((row) => ({
      metric,
      title: `${title}: ${name(row.label)}`,
      now: row.values,
      year: years.get(row.key),
    }));
  });
  const amount = ({ now, metric }: Part) => {
    const value = valueIn(now, metric);
    return value.status === "ok" ? value.value : Number.NEGATIVE_INFINITY;
  };
  return [...whole, ...split].sort((a, b) => amount(b) - amount(a) || (a.title < b.title ? -1 : 1));
}

function blocksOf(facts: Facts, month: Month): readonly Block[] {
  const parts = partsOf(facts, month);
  return [
    { kind: "prose", paragraphs: [leadOf(facts, month)], lead: true },
    { kind: "prose", paragraphs: [roasOf(facts, month)] },
    { kind: "kpis", items: CARDS.map((id) => card(facts, month, id)) },
    ...bars(facts, month, parts),
    table(facts, month, parts),
  ];
}

function leadOf(facts: Facts, month: Month): string {
  const { totals } = facts.result(`${PREFIX}_all_${month.id}`);
  const text = (id: MetricId) => figureOf(facts, totals, id).text;
  const [costs, left] = [valueIn(totals, "total_costs"), valueIn(totals, "operating_profit")];
  const days = plural(rangeLength(month.window), "day");
  if (left.status !== "ok") return `What all costs left of ${month.label} is unknown: ${left.detail}.`;
  const share = figure(shareValue(costs, valueIn(totals, "net_revenue")), "ratio", facts.context.currency);
  const part = share.status === "undefined" ? "" : ` (${share.text})`;
  const word = left.value < 0 ? "missing" : "left";
  return `In ${month.label} (${days}) all costs came to ${text("total_costs")}${part} of ${text("net_revenue")} net revenue: ${text("operating_profit").replace(/^[-−]/, "")} ${word}.`;
}

/** Net ROAS with both of its comparisons, also for those who read without a browser. */
function roasOf(facts: Facts, month: Month): string {
  const def = facts.metric("net_roas");
  const now = comparedOf(facts.result(`${PREFIX}_all_${month.id}`).totals, "net_roas");
  if (now.value.status !== "ok") return `${def.title} is not known: ${now.value.detail}.`;
  const year = comparedOf(facts.result(`${PREFIX}_all_${month.id}_year`).totals, "net_roas");
  const text = (compared: Compared, when: string) =>
    compared.previous?.status === "ok"
      ? `${figure(compared.previous, def.unit, "").text} ${when} (${changeFigure(compared, def.unit).text})`
      : `unknown ${when}`;
  return `${def.title} was ${figure(now.value, def.unit, "").text}: net revenue for each unit of ad spend and other costs. It was ${text(now, `in ${rangeText(month.before)}`)} and ${text(year, "a year before")}.`;
}

function card(facts: Facts, month: Month, id: MetricId): Kpi {
  const def = facts.metric(id);
  const { totals, series } = facts.result(`${PREFIX}_all_${month.id}`);
  const compared = comparedOf(totals, id);
  const yearly = comparedOf(facts.result(`${PREFIX}_all_${month.id}_year`).totals, id);
  return {
    metric: id,
    title: def.title,
    value: figure(compared.value, def.unit, facts.context.currency),
    change: changeFigure(compared, def.unit),
    tone: changeTone(compared, def),
    spark: series.map(({ values }) => pointOf(facts, values, id)),
    formula: def.formula,
    yearly: { change: changeFigure(yearly, def.unit), tone: changeTone(yearly, def) },
  };
}

function shareOfNet(facts: Facts, month: Month, { now, metric }: Part): ReturnType<typeof shareValue> {
  return shareValue(valueIn(now, metric), valueIn(facts.result(`${PREFIX}_all_${month.id}`).totals, "net_revenue"));
}

/** The parts that are something, the largest first. */
function bars(facts: Facts, month: Month, parts: readonly Part[]): readonly Block[] {
  const shown = parts
    .map((part) => ({ ...part, x: part.title, y: pointOf(facts, part.now, part.metric) }))
    .filter(({ y }) => y !== null && y !== 0)
    .slice(0, MOST_BARS);
  const [first] = shown;
  if (first === undefined) return [];
  const { currency } = facts.context;
  const share = figure(shareOfNet(facts, month, first), "ratio", currency);
  const ofNet = share.status === "undefined" ? "" : `, ${share.text} of net revenue`;
  const title = `${first.title} took most in ${month.label}: ${figureOf(facts, first.now, first.metric).text}${ofNet}`;
  const said = shown.map((part) => `${part.title} ${figureOf(facts, part.now, part.metric).text}`);
  return [
    {
      kind: "chart",
      title,
      alt: `Costs by part, ${rangeText(month.window)}: ${said.join("; ")}.`,
      spec: {
        form: "bar",
        x: { title: "Part", kind: "category" },
        y: { title: currency, format: "~s" },
        series: [{ name: "Cost", points: shown.map(({ x, y }) => ({ x, y })) }],
      },
    },
  ];
}

function table(facts: Facts, month: Month, parts: readonly Part[]): BlockOf<"table"> {
  const { currency } = facts.context;
  const { totals } = facts.result(`${PREFIX}_all_${month.id}`);
  const yearly = facts.result(`${PREFIX}_all_${month.id}_year`).totals;
  const row = (part: Part): readonly TableCell[] => [
    textCell(part.title),
    cellOf(facts, part.now, part.metric),
    valueCell(shareOfNet(facts, month, part), "ratio", currency),
    valueCell(shareValue(valueIn(part.now, part.metric), valueIn(totals, "total_costs")), "ratio", currency),
    changeCell(comparedOf(part.now, part.metric), facts.metric(part.metric)),
    // What was nothing in both years has no row in one of them.
    part.year === undefined
      ? textCell("—", null)
      : changeCell(comparedOf(part.year, part.metric), facts.metric(part.metric)),
  ];
  const right = "right" as const;
  return {
    kind: "table",
    title: `Parts of net revenue, ${month.label}`,
    columns: [
      { id: "part", title: "Part", align: "left" },
      { id: "amount", title: "Amount", align: right },
      { id: "of_net", title: "Of net revenue", align: right },
      { id: "of_costs", title: "Of all costs", align: right },
      { id: "change", title: "Change", align: right, versus: "previous" },
      { id: "year", title: "Change on the year", align: right, versus: "year" },
    ],
    rows: parts.map(row),
    totals: row({ metric: "total_costs", title: "All costs", now: totals, year: yearly }),
    note: `Changes are against ${rangeText(month.before)} (${plural(rangeLength(month.before), "day")}), and on the year. ${costsNote(parts)}`,
  };
}

/** Nothing entered is not the same as nothing spent. */
function costsNote(parts: readonly Part[]): string {
  const isEntered = parts.some(({ metric, title }) => metric === "entered_costs" && title !== SPLITS[1].title);
  return isEntered
    ? "Other costs are those that were entered with growthos costs."
    : "No other costs were entered for these days: growthos costs add.";
}
