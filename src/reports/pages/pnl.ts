/** The profit and loss statement as far as the data goes: months and quarters from gross sales to what the entered costs leave. */
import { addDays, addMonths, type Calendar, type DateRange, daysBetween, isoDate } from "../../base/dates.js";
import { bucketsOf, monthStart } from "../../metrics/calendar.js";
import { sameFiscalPlace } from "../../metrics/comparisons.js";
import { calendarOf, periodOf } from "../../metrics/fiscal.js";
import { shareValue } from "../../metrics/shares.js";
import type { BreakdownRow, Comparison, MetricId, QueryResult } from "../../metrics/types.js";
import { NOT_ASKED } from "../../metrics/values.js";
import { COMPOSITION_METRICS, composition, compositionReads } from "../composition.js";
import { currencySentences } from "../currencies.js";
import { changeCell, textCell, valueCell } from "../figures.js";
import { lineText, STATEMENT } from "../ladder.js";
import { cellOf, comparedOf, figureOf, pointOf, valueIn } from "../read-values.js";
import { definitions, stamps } from "../stamps.js";
import { dayText, monthText, rangeText } from "../text.js";
import type { Block, BlockOf, Facts, ReportPage, TableCell } from "../types.js";

const METRICS = STATEMENT.map(({ metric }) => metric);
const MONTHS_SHOWN = 12;
/** Columns of one table: what fits on paper. */
const COLUMNS = 6;
const QUARTERS_SHOWN = 5;
/** The newest weeks, day by day. */
const DAYS_SHOWN = 28;
const DAY_METRICS: readonly MetricId[] = [
  "net_revenue",
  "gross_profit",
  "contribution_margin",
  "spend_and_costs",
  "operating_profit",
  "net_roas",
];

/** Where a month's revenue went, the newest days, and months and quarters with shares of net revenue and the year before. */
export const pnl: ReportPage = {
  id: "pnl",
  title: "Profit and loss",
  reads: (context, { weekEndsOn }) => {
    const to = context.lastCompleteDay;
    const calendar = calendarOf(weekEndsOn);
    // Periods are the shop's own: days enough for all of them, then the last ones.
    const reach = { from: addMonths(monthStart(to), -QUARTERS_SHOWN * 4), to };
    const read = (grain: "month" | "quarter", count: number) => {
      const window = { from: bucketsOf(reach, grain, calendar).at(-count)?.key ?? reach.from, to };
      return { metrics: METRICS, window, grain, compare: yearBefore(window, calendar) };
    };
    return {
      pnl_months: read("month", MONTHS_SHOWN),
      pnl_quarters: read("quarter", QUARTERS_SHOWN),
      pnl_days: { metrics: DAY_METRICS, window: { from: addDays(to, 1 - DAYS_SHOWN), to }, grain: "day" },
      ...compositionReads(context, weekEndsOn),
    };
  },
  build: (facts) => {
    const [months, quarters] = [facts.result("pnl_months"), facts.result("pnl_quarters")];
    const notes = currencySentences(facts, months.query.window);
    return {
      schemaVersion: 1,
      id: pnl.id,
      title: pnl.title,
      subtitle: `Up to ${dayText(facts.context.lastCompleteDay)}; other costs are those that were entered; salaries and taxes are there if somebody entered them`,
      context: facts.context,
      blocks: [
        { kind: "prose", paragraphs: [leadOf(facts, months)], lead: true },
        ...(notes.length === 0 ? [] : [{ kind: "prose", paragraphs: notes } as const]),
        course(facts, begun(months)),
        { kind: "heading", id: "composition", text: "Where the money went" },
        composition(facts),
        { kind: "heading", id: "days", text: "Day by day" },
        ...days(facts),
        { kind: "heading", id: "months", text: "Months" },
        ...statement(facts, begun(months).slice(-COLUMNS), months),
        ...statement(facts, begun(months).slice(0, -COLUMNS), months),
        { kind: "heading", id: "quarters", text: "Quarters" },
        ...statement(facts, begun(quarters), quarters),
        { kind: "heading", id: "definitions", text: "Definitions" },
        definitions([...METRICS, ...COMPOSITION_METRICS].map(facts.metric)),
      ],
      stamps: stamps(facts),
    };
  },
};

/** The same dates; in a calendar of whole weeks the same fiscal days. */
function yearBefore(window: DateRange, calendar: Calendar): Comparison {
  if (calendar.periods === "months") return { kind: "same_date" };
  return { kind: "range", range: sameFiscalPlace(window, calendar).range };
}

/** The newest month that is over. */
function leadOf(facts: Facts, months: QueryResult): string {
  const month = months.series.findLast((row) => openDays(facts, row, months) === 0);
  if (month === undefined) return "No month is over yet.";
  const name = periodName(month);
  const [net, profit] = [comparedOf(month.values, "net_revenue"), valueIn(month.values, "channel_profit")];
  if (profit.status !== "ok") return `What ${name} left is unknown: ${profit.detail}.`;
  const share = valueCell(shareValue(profit, net.value), "ratio", facts.context.currency).text;
  const year =
    net.previous?.status === "ok" ? `, ${changeCell(net, facts.metric("net_revenue")).text} on the year` : "";
  const text = (id: string) => figureOf(facts, month.values, id).text;
  return `${name} brought ${text("net_revenue")} net revenue${year}, and left ${text("channel_profit")} after ads: ${share} of it.`;
}

/** Days of a period that are still to come. */
function openDays({ context }: Facts, { key }: BreakdownRow, { query: { grain } }: QueryResult): number {
  const unit = grain === "quarter" ? "quarter" : "month";
  const { to } = periodOf(isoDate(key), unit, context.calendar ?? calendarOf(context.weekEndsOn ?? 7));
  return Math.max(0, daysBetween(context.lastCompleteDay, to));
}

/** `2026-02` as people write it; other periods as they are called. */
function periodName({ label }: BreakdownRow): string {
  return /^\d{4}-\d{2}$/.test(label) ? monthText(`${label}-01`) : label;
}

/** The periods from the first one whose revenue is known; all of them where none is, so that the page says why. */
function begun({ series }: QueryResult): readonly BreakdownRow[] {
  const first = series.findIndex(({ values }) => valueIn(values, "net_revenue").status === "ok");
  return series.slice(Math.max(0, first));
}

function course(facts: Facts, series: readonly BreakdownRow[]): Block {
  const { query } = facts.result("pnl_months");
  const points = (id: string) => series.map((row) => ({ x: periodName(row), y: pointOf(facts, row.values, id) }));
  const lead = leadOf(facts, facts.result("pnl_months"));
  return {
    kind: "chart",
    title: "Net revenue and what is left of it, by month",
    alt: `Net revenue and contribution after ads by month, ${rangeText(query.window)}. ${lead}`,
    spec: {
      form: "area_and_bar",
      x: { title: "Month", kind: "category" },
      y: { title: `${facts.context.currency} per month; the last one so far`, format: "~s" },
      series: [
        { name: facts.metric("net_revenue").title, mark: "bar", points: points("net_revenue") },
        { name: facts.metric("channel_profit").title, mark: "line", points: points("channel_profit") },
      ],
    },
  };
}

/** What came in, what was spent and what was left, on each of the newest days. */
function days(facts: Facts): readonly Block[] {
  const { query, series, totals } = facts.result("pnl_days");
  const { currency } = facts.context;
  const points = (id: MetricId) => series.map((row) => ({ x: row.key, y: pointOf(facts, row.values, id) }));
  const text = (id: MetricId) => figureOf(facts, totals, id).text;
  const left = valueIn(totals, "operating_profit");
  const title =
    left.status === "ok"
      ? `${text("net_revenue")} in ${DAYS_SHOWN} days left ${text("operating_profit")} after all costs`
      : `What ${DAYS_SHOWN} days left is unknown: ${left.detail}`;
  const named = (id: MetricId, mark: "area" | "bar" | "line") => ({
    name: facts.metric(id).title,
    mark,
    points: points(id),
  });
  return [
    {
      kind: "chart",
      title,
      alt: `Net revenue, ad spend with other costs, and profit after them by day, ${rangeText(query.window)}. ${title}.`,
      spec: {
        form: "area_and_bar",
        x: { title: "Day", kind: "day" },
        y: { title: `${currency} per day`, format: "~s" },
        series: [named("net_revenue", "area"), named("spend_and_costs", "bar"), named("operating_profit", "line")],
      },
    },
    {
      kind: "table",
      title: `Day by day, ${rangeText(query.window)}`,
      columns: [
        { id: "day", title: "Day", align: "left" },
        ...DAY_METRICS.map((id) => ({ id, title: facts.metric(id).title, align: "right" as const })),
      ],
      rows: series.map(({ key, values }) => [
        textCell(dayText(key), key),
        ...DAY_METRICS.map((id) => cellOf(facts, values, id)),
      ]),
      totals: [textCell("All days"), ...DAY_METRICS.map((id) => cellOf(facts, totals, id))],
      note: "A return counts on its own day, so a day of many returns may be below zero.",
    },
  ];
}

type Row = BreakdownRow;

/** Amounts, shares of net revenue, and the change on the year: three tables with the same columns. */
function statement(facts: Facts, rows: readonly Row[], result: QueryResult): readonly Block[] {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return [];
  const { currency } = facts.context;
  const span = first === last ? periodName(first) : `${periodName(first)} to ${periodName(last)}`;
  const columns = [
    { id: "line", title: "Line", align: "left" as const },
    ...rows.map((row) => ({ id: row.key, title: periodName(row), align: "right" as const })),
  ];
  const states = [textCell("State"), ...rows.map((row) => textCell(stateOf(facts, row, result)))];
  const before = ({ values }: Row, metric: string) =>
    valueCell(comparedOf(values, metric).previous ?? NOT_ASKED, facts.metric(metric).unit, currency);
  const table = (title: string, cell: (row: Row, metric: string) => TableCell): BlockOf<"table"> => ({
    kind: "table",
    title: `${title}, ${span}`,
    columns,
    rows: [
      states,
      ...STATEMENT.map((line) => [textCell(lineText(line)), ...rows.map((row) => cell(row, line.metric))]),
    ],
  });
  const share = ({ values }: Row, metric: string) =>
    valueCell(shareValue(valueIn(values, metric), valueIn(values, "net_revenue")), "ratio", currency);
  const hasYear = rows.some(({ values }) => comparedOf(values, "net_revenue").previous?.status === "ok");
  return [
    table("Amounts", ({ values }, metric) => cellOf(facts, values, metric)),
    table("Shares of net revenue", share),
    ...(hasYear
      ? [
          table("The same days a year before", before),
          table("Change on the year", ({ values }, metric) =>
            changeCell(comparedOf(values, metric), facts.metric(metric)),
          ),
        ]
      : [{ kind: "prose", paragraphs: [`${span}: there is no year before to compare with.`] } as const]),
  ];
}

/** Whether a period may still change: because it goes on, or because a source restates its days. */
function stateOf(facts: Facts, row: Row, result: QueryResult): string {
  if (valueIn(row.values, "net_revenue").status !== "ok") return "unknown";
  if (openDays(facts, row, result) > 0) return "so far";
  const isProvisional = STATEMENT.some(({ metric }) => {
    const value = valueIn(row.values, metric);
    return value.status === "ok" && value.provisional === true;
  });
  return isProvisional ? "provisional" : "final";
}
