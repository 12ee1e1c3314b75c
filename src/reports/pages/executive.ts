/** The page for a glance: the figures of 7, 14, 30 or 90 days, with their course. */

import type { BreakdownRow, Compared, MetricId, SemanticQuery } from "../../metrics/types.js";
import { NOT_ASKED } from "../../metrics/values.js";
import { currencySentences } from "../currencies.js";
import { changeCell, changeFigure, changeTone, chartNumber, figure, textCell, valueCell } from "../figures.js";
import { landingBlocks } from "../landing.js";
import { headline, plural } from "../narrative.js";
import { COMPARISONS, calendarIn, type PeriodChoice, periodBlock, periodsOf, spanOf } from "../periods.js";
import { comparedOf } from "../read-values.js";
import { definitions, restatedNote, stamps } from "../stamps.js";
import { label, rangeText } from "../text.js";
import type { Block, BlockOf, Facts, Kpi, ReportPage } from "../types.js";

const SELECTED = "30d";
const CHANNELS_SHOWN = 5;
/** One question names 15 metrics at most. */
const OWN_SHOWN = 15;

/** The cards, in reading order. */
const CARDS: readonly MetricId[] = [
  "net_revenue",
  "orders",
  "aov",
  "new_customers",
  "spend",
  "blended_cac",
  "mer",
  "contribution_margin_pct",
  "sessions",
  "cvr",
  "new_customer_share",
  "refund_rate",
];
const CHANNELS = {
  metrics: ["net_revenue", "spend", "orders", "new_customers", "roas"],
  breakdown: "channel",
  orderBy: { metric: "net_revenue", direction: "desc" },
} as const satisfies Partial<SemanticQuery>;

/** Cards, revenue and spend, and the strongest channels. */
export const executive: ReportPage = {
  id: "executive",
  title: "Executive summary",
  reads: (context, { weekEndsOn, own = [] }) =>
    Object.fromEntries([
      ["cards_days", { metrics: CARDS, window: spanOf(periodsOf(context, weekEndsOn)), grain: "day" }],
      ...periodsOf(context, weekEndsOn).flatMap(({ id, window, comparisons }): [string, SemanticQuery][] => [
        [`cards_${id}`, { metrics: CARDS, window, compare: comparisons.previous }],
        [`cards_${id}_year`, { metrics: CARDS, window, compare: comparisons.year }],
        ...ownRead(id, { metrics: own.slice(0, OWN_SHOWN), window, compare: comparisons.previous }),
        [`channels_${id}`, { ...CHANNELS, window, compare: comparisons.previous }],
        [`channels_${id}_year`, { ...CHANNELS, metrics: ["net_revenue"], window, compare: comparisons.year }],
      ]),
    ]),
  build: (facts) => ({
    schemaVersion: 1,
    id: executive.id,
    title: executive.title,
    subtitle: `Up to ${rangeText({ from: facts.context.lastCompleteDay, to: facts.context.lastCompleteDay })}; every period against as many days before it, and against the same weekdays a year earlier`,
    context: facts.context,
    blocks: [
      periodBlock(periodsOf(facts.context, calendarIn(facts.context)), SELECTED, (period) => preset(facts, period)),
      ...landingBlocks(facts),
      { kind: "heading", id: "definitions", text: "Definitions" },
      definitions([...CARDS, ...(facts.own ?? []).slice(0, OWN_SHOWN)].map(facts.metric)),
    ],
    stamps: stamps(facts),
  }),
};

function preset(facts: Facts, period: PeriodChoice): readonly Block[] {
  const result = facts.result(`cards_${period.id}`);
  const note = restatedNote(result, CARDS, facts.metric);
  const notes = [...(note === undefined ? [] : [note]), ...currencySentences(facts, result.query.window)];
  return [
    ...COMPARISONS.map((comparison): Block => {
      const { totals } = facts.result(comparison === "year" ? `cards_${period.id}_year` : `cards_${period.id}`);
      const sentence = headline({
        metric: facts.metric("net_revenue"),
        value: comparedOf(totals, "net_revenue"),
        split: { status: "unknown", detail: "not asked for" },
        currency: facts.context.currency,
        when: period.when,
        before: period.before[comparison],
      });
      return { kind: "versus", comparison, blocks: [{ kind: "prose", paragraphs: [sentence], lead: true }] };
    }),
    { kind: "kpis", items: CARDS.map((id) => withYear(facts, period.id, card(facts, period, id))) },
    ...ownCards(facts, period),
    ...(notes.length === 0 ? [] : [{ kind: "prose", paragraphs: notes } as const]),
    revenueAndSpend(facts, period),
    topChannels(facts, period.id),
  ];
}

/** What the user defined has cards of its own; cohorts have no daily course, so these have none. */
function ownRead(period: string, query: SemanticQuery): readonly [string, SemanticQuery][] {
  return query.metrics.length === 0 ? [] : [[`own_${period}`, query]];
}

function ownCards(facts: Facts, period: PeriodChoice): readonly Block[] {
  const own = (facts.own ?? []).slice(0, OWN_SHOWN);
  if (own.length === 0) return [];
  return [{ kind: "kpis", items: own.map((id) => card(facts, period, id, "own")) }];
}

function card(facts: Facts, period: PeriodChoice, id: MetricId, read: "cards" | "own" = "cards"): Kpi {
  const result = facts.result(`${read}_${period.id}`);
  const days = read === "cards" ? daysOf(facts, period) : [];
  const def = facts.metric(id);
  const compared = comparedOf(result.totals, id);
  const { currency } = facts.context;
  return {
    metric: id,
    title: def.title,
    value: figure(compared.value, def.unit, currency),
    change: changeFigure(compared, def.unit),
    tone: changeTone(compared, def),
    spark: days.map((day) => chartNumber(comparedOf(day.values, id).value, def.unit, currency)),
    formula: def.formula,
  };
}

function withYear(facts: Facts, period: string, kpi: Kpi): Kpi {
  const def = facts.metric(kpi.metric);
  const compared = comparedOf(facts.result(`cards_${period}_year`).totals, kpi.metric);
  return { ...kpi, yearly: { change: changeFigure(compared, def.unit), tone: changeTone(compared, def) } };
}

/** The days of a period, of all that were read at once. */
function daysOf(facts: Facts, { window }: PeriodChoice): readonly BreakdownRow[] {
  return facts.result("cards_days").series.filter(({ key }) => key >= window.from && key <= window.to);
}

function revenueAndSpend(facts: Facts, period: PeriodChoice): Block {
  const result = facts.result(`cards_${period.id}`);
  const days = daysOf(facts, period);
  const { currency } = facts.context;
  const text = (id: MetricId) => figure(comparedOf(result.totals, id).value, facts.metric(id).unit, currency).text;
  const points = (id: MetricId) =>
    days.map((day) => ({ x: day.key, y: chartNumber(comparedOf(day.values, id).value, "money", currency) }));
  const title = `${text("net_revenue")} net revenue on ${text("spend")} ad spend: MER ${text("mer")}`;
  return {
    kind: "chart",
    title,
    alt: `Net revenue and ad spend per day, ${rangeText(result.query.window)}. ${title}.`,
    spec: {
      form: "area_and_bar",
      x: { title: "Day", kind: "day" },
      y: { title: `${currency} per day`, format: "~s" },
      series: [
        { name: facts.metric("net_revenue").title, mark: "area", points: points("net_revenue") },
        { name: facts.metric("spend").title, mark: "bar", points: points("spend") },
      ],
    },
  };
}

function topChannels(facts: Facts, period: string): BlockOf<"table"> {
  const name = `channels_${period}`;
  const years = new Map(
    facts.result(`${name}_year`).rows.map((row) => [row.key, comparedOf(row.values, "net_revenue")]),
  );
  const result = facts.result(name);
  const shares = facts.share(name, "net_revenue");
  const { currency } = facts.context;
  const left = result.rows.slice(CHANNELS_SHOWN).length;
  const value = (values: Readonly<Record<MetricId, Compared>>, id: MetricId) =>
    valueCell(comparedOf(values, id).value, facts.metric(id).unit, currency);
  return {
    kind: "table",
    title: "Top channels by net revenue",
    columns: [
      { id: "channel", title: "Channel", align: "left" },
      { id: "revenue", title: "Net revenue", align: "right" },
      { id: "change", title: "Change", align: "right", versus: "previous" },
      { id: "year", title: "Change on the year", align: "right", versus: "year" },
      { id: "share", title: "Share", align: "right" },
      { id: "orders", title: "Orders", align: "right" },
      { id: "new_customers", title: "New customers", align: "right" },
      { id: "spend", title: "Spend", align: "right" },
      { id: "roas", title: "ROAS", align: "right" },
    ],
    rows: result.rows.slice(0, CHANNELS_SHOWN).map((row) => {
      // A channel that is not paid for has no spend and no ROAS: zero would read as "free".
      const isPaid = facts.isPaid(row.key) === true;
      const spend = comparedOf(row.values, "spend").value;
      const isFree = !isPaid || (spend.status === "ok" && spend.value === 0);
      return [
        textCell(label(row.label)),
        value(row.values, "net_revenue"),
        changeCell(comparedOf(row.values, "net_revenue"), facts.metric("net_revenue")),
        changeCell(years.get(row.key) ?? { value: NOT_ASKED }, facts.metric("net_revenue")),
        valueCell(shares[row.key] ?? NOT_ASKED, "ratio", currency),
        value(row.values, "orders"),
        value(row.values, "new_customers"),
        isPaid ? value(row.values, "spend") : textCell("—", null),
        isFree ? textCell("—", null) : value(row.values, "roas"),
      ];
    }),
    ...(left === 0 ? {} : { note: `${plural(left, "smaller channel")} not shown; the page on channels lists all.` }),
  };
}
