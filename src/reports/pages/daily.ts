/** The page for every morning: what the last complete day brought, where it came from, and whether something is wrong. */

import { evaluateReading } from "../../alerts/evaluate.js";
import { metricsIn } from "../../alerts/judge.js";
import { DAILY_RULES } from "../../alerts/rules/index.js";
import { addDays, type ISODate } from "../../base/dates.js";
import type { Comparison, MetricId, SemanticQuery } from "../../metrics/types.js";
import { currencySentences } from "../currencies.js";
import { changeFigure, changeTone, chartNumber, figure, valueCell } from "../figures.js";
import { heading, lead, metricTable, prose } from "../metric-table.js";
import { headline, riskFindings } from "../narrative.js";
import { COMPARISONS } from "../periods.js";
import { comparedOf } from "../read-values.js";
import { riskReport } from "../risks.js";
import { definitions, restatedNote, stamps } from "../stamps.js";
import { dayText } from "../text.js";
import type { Block, ComparisonId, Facts, Kpi, ReportPage } from "../types.js";

const CARDS: readonly MetricId[] = ["net_revenue", "orders", "aov", "new_customers", "spend", "mer", "sessions", "cvr"];
const WEEK_CARDS: readonly MetricId[] = ["daily_net_revenue", "net_revenue_slope"];
const DAYS = 7;
const SIGNS = [...new Set(DAILY_RULES.flatMap(metricsIn))];
const BEFORE: Readonly<Record<ComparisonId, string>> = {
  previous: "on the same weekday a week before",
  year: "on the same weekday a year earlier",
};

/** Daily net revenue with its slope, its week, its channels and the signals of the day. */
export const daily: ReportPage = {
  id: "daily",
  title: "Daily",
  reads: ({ lastCompleteDay: last }): Readonly<Record<string, SemanticQuery>> => {
    const window = { from: last, to: last };
    const week = { from: addDays(last, 1 - DAYS), to: last };
    const compare = weekBefore(last);
    return {
      daily_day: { metrics: CARDS, window, compare },
      daily_day_year: { metrics: CARDS, window, compare: { kind: "year_over_year" } },
      daily_week: { metrics: WEEK_CARDS, window: week, compare: { kind: "previous" } },
      daily_week_year: { metrics: WEEK_CARDS, window: week, compare: { kind: "year_over_year" } },
      daily_course: { metrics: CARDS, window: week, compare: { kind: "previous" }, grain: "day" },
      daily_mix: { metrics: ["net_revenue", "orders"], window, compare, breakdown: "channel" },
      daily_mix_year: {
        metrics: ["net_revenue", "orders"],
        window,
        compare: { kind: "year_over_year" },
        breakdown: "channel",
      },
      daily_signs: { metrics: SIGNS, window, compare },
    };
  },
  build: (facts) => {
    const { lastCompleteDay: last } = facts.context;
    const notes = [
      restatedNote(facts.result("daily_day"), CARDS, facts.metric),
      ...currencySentences(facts, { from: last, to: last }),
    ];
    return {
      schemaVersion: 1,
      id: daily.id,
      title: daily.title,
      subtitle: `${dayText(last)}, the last complete day`,
      context: facts.context,
      blocks: [
        ...COMPARISONS.map((comparison) => sentence(facts, comparison)),
        { kind: "kpis", items: cards(facts) },
        ...prose(...notes),
        heading("week", "The week behind it"),
        area(facts),
        heading("mix", "Where it came from"),
        mix(facts),
        heading("signals", "Signals"),
        signals(facts),
        heading("definitions", "Definitions"),
        definitions([...CARDS, ...WEEK_CARDS].map(facts.metric)),
      ],
      stamps: stamps(facts),
    };
  },
};

/** Neighbouring days differ by their weekday alone: a day is held against the same weekday. */
function weekBefore(day: ISODate): Comparison {
  const before = addDays(day, -DAYS);
  return { kind: "range", range: { from: before, to: before } };
}

function resultOf(facts: Facts, name: string, comparison: ComparisonId) {
  return facts.result(comparison === "year" ? `${name}_year` : name);
}

function sentence(facts: Facts, comparison: ComparisonId): Block {
  const text = headline({
    metric: facts.metric("net_revenue"),
    value: comparedOf(resultOf(facts, "daily_day", comparison).totals, "net_revenue"),
    split: { status: "unknown", detail: "not asked for" },
    currency: facts.context.currency,
    when: `on ${dayText(facts.context.lastCompleteDay)}`,
    before: BEFORE[comparison],
  });
  return { kind: "versus", comparison, blocks: [lead(text)] };
}

/** Net revenue of the day first and large; then the slope of the week; then the rest of the day. */
function cards(facts: Facts): readonly Kpi[] {
  const [first, ...rest] = CARDS;
  const day = (id: MetricId) => card(facts, id, "daily_day");
  return [
    ...(first === undefined ? [] : [{ ...day(first), large: true as const }]),
    ...WEEK_CARDS.map((id) => card(facts, id, "daily_week")),
    ...rest.map(day),
  ];
}

function card(facts: Facts, id: MetricId, name: "daily_day" | "daily_week"): Kpi {
  const def = facts.metric(id);
  const { currency } = facts.context;
  const [now, year] = COMPARISONS.map((one) => comparedOf(resultOf(facts, name, one).totals, id));
  const compared = now ?? comparedOf(undefined, id);
  const yearly = year ?? compared;
  const { series } = facts.result("daily_course");
  return {
    metric: id,
    title: name === "daily_week" ? `${def.title}, ${DAYS} days` : def.title,
    value: figure(compared.value, def.unit, currency),
    change: changeFigure(compared, def.unit),
    tone: changeTone(compared, def),
    spark:
      name === "daily_week"
        ? []
        : series.map((point) => chartNumber(comparedOf(point.values, id).value, def.unit, currency)),
    formula: def.formula,
    yearly: { change: changeFigure(yearly, def.unit), tone: changeTone(yearly, def) },
  };
}

function area(facts: Facts): Block {
  const { series } = facts.result("daily_course");
  const { currency } = facts.context;
  const week = facts.result("daily_week").totals;
  const text = (id: MetricId) => figure(comparedOf(week, id).value, facts.metric(id).unit, currency).text;
  const title = `${text("daily_net_revenue")} a day over ${DAYS} days, moving by ${text("net_revenue_slope")} from day to day`;
  const money = (value: Parameters<typeof chartNumber>[0]) => chartNumber(value, "money", currency);
  const points = series.map((day) => ({ x: day.key, y: money(comparedOf(day.values, "net_revenue").value) }));
  const before = series.map((day) => {
    const { previous } = comparedOf(day.values, "net_revenue");
    return { x: day.key, y: previous === undefined ? null : money(previous) };
  });
  return {
    kind: "chart",
    title,
    alt: `Net revenue per day of the last ${DAYS} days, over that of the ${DAYS} days before. ${title}.`,
    spec: {
      form: "area_and_bar",
      x: { title: "Day", kind: "day" },
      y: { title: `${currency} net revenue per day`, format: "~s" },
      series: [
        { name: `These ${DAYS} days`, mark: "area", points },
        { name: `The ${DAYS} days before`, mark: "line", points: before },
      ],
    },
  };
}

function mix(facts: Facts): Block {
  const result = facts.result("daily_mix");
  const shares = facts.share("daily_mix", "net_revenue");
  const { currency } = facts.context;
  const table = metricTable(facts, {
    title: `Net revenue by channel, ${dayText(facts.context.lastCompleteDay)}`,
    head: "Channel",
    columns: [{ metric: "net_revenue", changes: true }, { metric: "orders" }],
    result,
    years: facts.result("daily_mix_year"),
    total: "All channels",
    ...(result.rows.length === 0 ? { note: "No order is known of this day." } : {}),
  });
  const share = { id: "share", title: "Share", align: "right" } as const;
  return {
    ...table,
    columns: [...table.columns, share],
    rows: table.rows.map((row, index) => {
      const key = result.rows[index]?.key ?? "";
      return [...row, valueCell(shares[key] ?? comparedOf(undefined, "net_revenue").value, "ratio", currency)];
    }),
    ...(table.totals === undefined ? {} : { totals: [...table.totals, { text: "", sort: null }] }),
  };
}

function signals(facts: Facts): Block {
  const { query, totals } = facts.result("daily_signs");
  const judgements = evaluateReading(
    facts.dailyRules,
    { shop: { window: query.window, totals, rows: [] } },
    { metric: facts.metric, currency: facts.context.currency },
  );
  return riskFindings(riskReport(judgements, facts.dailyRules.length), "the day and the same weekday a week before");
}
