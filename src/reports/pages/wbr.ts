/** The weekly business review: one page that is read on Monday, in the order in which it is spoken about. */
import { evaluateReading } from "../../alerts/evaluate.js";
import { metricsIn } from "../../alerts/judge.js";
import { WEEKLY_RULES } from "../../alerts/rules/index.js";
import type { AlertRule } from "../../alerts/types.js";
import { addDays, addMonths, type Calendar, type ISODate } from "../../base/dates.js";
import { monthStart } from "../../metrics/calendar.js";
import { calendarOf } from "../../metrics/fiscal.js";
import type { BreakdownRow, Compared, MetricId, QueryResult } from "../../metrics/types.js";
import { windowFor } from "../../metrics/windows.js";
import { COHORT_COLUMNS, cohortBlocks } from "../cohort-table.js";
import { currencySentences } from "../currencies.js";
import { monthsTable, sixTwelveBlock, weeksTable, xmrBlock } from "../deck/charts.js";
import { eventsBlock } from "../deck/events.js";
import { commentBlocks, type Exception, exceptionBlocks, exceptionsOf, missedSteps } from "../deck/exceptions.js";
import { DEFAULT_DECK, metricsOf } from "../deck/layout.js";
import { deckReads } from "../deck/reads.js";
import { type Review, reviewOf } from "../deck/review.js";
import type { DeckBlock, NamedBlock } from "../deck/types.js";
import { changeCell, chartNumber, figure, moneyText, signedMoney, textCell, valueCell } from "../figures.js";
import { toDateReads, toDateTable, weekName, weekYearBefore, weekYearNote } from "../fiscal.js";
import { FUNNEL_METRICS, funnelBlock } from "../funnel.js";
import {
  driversOf,
  headline,
  movements,
  nextSteps,
  plural,
  riskFindings,
  splitSentence,
  splitTitle,
} from "../narrative.js";
import { type RiskReport, riskReport } from "../risks.js";
import { spendReturnBlock } from "../spend-return.js";
import { definitions, healthBlocks, restatedNote, stamps } from "../stamps.js";
import { dayText, label, rangeText, slug } from "../text.js";
import type { Block, BlockOf, Facts, ReportPage, TableCell } from "../types.js";

/** The lines of "what happened", inputs before outputs within the money. */
const LINES: readonly MetricId[] = [
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
  "refund_rate",
];
/** What the rules of one scope look at beside what is shown anyway. */
const ruleMetrics = (scope: AlertRule["scope"], shown: readonly MetricId[] = []): readonly MetricId[] => {
  const wanted = WEEKLY_RULES.filter((rule) => rule.scope === scope).flatMap(metricsIn);
  return [...new Set(wanted)].filter((id) => !shown.includes(id));
};
const SHOWN_OF_CHANNELS = ["spend", "net_revenue", "orders", "new_customers", "blended_cac", "roas"];
const CHANNEL_METRICS = [...SHOWN_OF_CHANNELS, ...ruleMetrics("channel", SHOWN_OF_CHANNELS)];
const SPLIT_METRICS = ["net_order_revenue", "returns"];
const WEEKS_SHOWN = 13;
const MONTHS_SHOWN = 12;

/** Last week against the week before and the same week a year ago. */
export const wbr: ReportPage = {
  id: "wbr",
  title: "Weekly business review",
  reads: (context, { weekEndsOn, deck = DEFAULT_DECK }) => {
    const calendar = calendarOf(weekEndsOn);
    const week = windowFor("last week", context.lastCompleteDay, calendar);
    const trend = { from: addDays(week.to, 1 - 7 * WEEKS_SHOWN), to: week.to };
    return {
      week: { metrics: LINES, window: week, compare: { kind: "previous" } },
      signs: { metrics: ruleMetrics("shop", LINES), window: week, compare: { kind: "previous" } },
      platforms: {
        metrics: ruleMetrics("platform"),
        window: week,
        compare: { kind: "previous" },
        breakdown: "platform",
      },
      year: { metrics: LINES, window: week, compare: weekYearBefore(week, calendar) },
      funnel: { metrics: FUNNEL_METRICS, window: week },
      ...deckReads(deck, week, calendar),
      ...toDateReads(LINES, week, calendar),
      trend: { metrics: ["net_revenue", "spend"], window: trend, grain: "week" },
      channels: {
        metrics: [...CHANNEL_METRICS, ...SPLIT_METRICS],
        window: week,
        compare: { kind: "previous" },
        breakdown: "channel",
        orderBy: { metric: "net_revenue", direction: "desc" },
      },
      cohorts: {
        metrics: COHORT_COLUMNS.map(([id]) => id),
        window: { from: addMonths(monthStart(context.lastCompleteDay), 1 - MONTHS_SHOWN), to: context.lastCompleteDay },
        grain: "month",
      },
    };
  },
  splits: {
    revenue: {
      read: "channels",
      total: "net_revenue",
      value: "net_order_revenue",
      volume: "orders",
      less: "returns",
    },
  },
  asks: (facts) => {
    const review = reviewOf(facts);
    const exceptions = exceptionsOf(review).slice(0, MOST_EXPLAINED);
    return Object.fromEntries(
      exceptions.map(({ metric }) => [`deck_${metric}`, { metric, window: review.week, by: "channel" }]),
    );
  },
  build: (facts) => {
    const review = reviewOf(facts);
    const week = rangeText(review.week);
    const name = weekName(review.week, calendarIn(facts));
    const exceptions = exceptionsOf(review);
    return {
      schemaVersion: 1,
      id: wbr.id,
      title: wbr.title,
      subtitle: `Week of ${week}${name === null ? "" : ` (${name})`}, compared with the week before`,
      context: facts.context,
      blocks: [
        lead(facts, week),
        ...facts.deck.sections.flatMap(({ title, blocks }) => [
          heading(slug(title), title),
          ...blocks.flatMap((block) => blocksOf(review, block, exceptions)),
        ]),
      ],
      stamps: stamps(facts),
    };
  },
};

/** Changes that are explained, the first exceptions: each costs queries. */
const MOST_EXPLAINED = 5;

/** What a block of the layout becomes. */
function blocksOf(review: Review, block: DeckBlock, exceptions: readonly Exception[]): readonly Block[] {
  if (typeof block === "string") return NAMED[block](review);
  if ("six_twelve" in block)
    return [sixTwelveBlock(review, block.six_twelve), ...commentBlocks(review, block.six_twelve, exceptions)];
  if ("xmr" in block) return [xmrBlock(review, block.xmr)];
  return "weeks" in block ? [weeksTable(review, block.weeks)] : [monthsTable(review, block.months)];
}

const NAMED: Readonly<Record<NamedBlock, (review: Review) => readonly Block[]>> = {
  exceptions: exceptionBlocks,
  week_table: ({ facts }) => whatHappened(facts),
  drivers: ({ facts }) => drivers(facts),
  funnel: ({ facts }) => [funnelBlock(facts, facts.result("funnel").totals)],
  cohorts: ({ facts }) => cohortBlocks(facts),
  channels: ({ facts }) => [channels(facts)],
  spend_return: ({ facts }) => [spendReturnBlock(facts, facts.result("channels"), { noun: "channels" })],
  risks: ({ facts }) => [riskFindings(risksOf(facts))],
  next_steps: (review) => {
    const missed = missedSteps(exceptionsOf(review), review);
    return [nextSteps(risksOf(review.facts), review.facts.health, missed)];
  },
  events: ({ facts, slots }) => [eventsBlock(facts, weeksBetween(slots.weeks))],
  definitions: ({ facts }) => [definitions([...new Set([...LINES, ...metricsOf(facts.deck)])].map(facts.metric))],
  data_health: ({ facts }) => healthBlocks(facts.health),
};

/** The six weeks as one range, and the range that they are compared with. */
function weeksBetween(weeks: Review["slots"]["weeks"]): Parameters<typeof eventsBlock>[1] {
  const [first, last] = [weeks[0], weeks.at(-1)];
  if (first === undefined || last === undefined) throw new Error("a review has six weeks");
  const before = weeks.flatMap((slot) => (slot.before === null ? [] : [slot.before]));
  const [from, to] = [before[0]?.from, before.at(-1)?.to];
  return {
    now: { from: first.from, to: last.to },
    before: from === undefined || to === undefined ? null : { from, to },
  };
}

function risksOf(facts: Facts): RiskReport {
  const [week, channels, platforms] = [facts.result("week"), facts.result("channels"), facts.result("platforms")];
  const { window } = week.query;
  const judgements = evaluateReading(
    facts.rules,
    {
      shop: { window, totals: { ...week.totals, ...facts.result("signs").totals }, rows: [] },
      channel: { window, ...channels },
      platform: { window, ...platforms },
    },
    { metric: facts.metric, currency: facts.context.currency },
  );
  return riskReport(judgements, facts.rules.length);
}

function heading(id: string, text: string): Block {
  return { kind: "heading", id, text };
}

function lead(facts: Facts, week: string): Block {
  const sentence = headline({
    metric: facts.metric("net_revenue"),
    value: cell(facts.result("week").totals, "net_revenue"),
    split: facts.split("revenue"),
    currency: facts.context.currency,
    when: `in the week of ${week}`,
    before: "the week before",
  });
  return { kind: "prose", paragraphs: [sentence], lead: true };
}

function whatHappened(facts: Facts): readonly Block[] {
  const { totals } = facts.result("week");
  const sentence = movements(LINES.slice(1), totals, facts.metric);
  const note = restatedNote(facts.result("week"), LINES, facts.metric);
  const hasYear = LINES.some((id) => cell(facts.result("year").totals, id).previous?.status === "ok");
  const table: BlockOf<"table"> = {
    kind: "table",
    title: "The week in figures",
    columns: [
      { id: "metric", title: "Metric", align: "left" },
      { id: "week", title: "This week", align: "right" },
      { id: "before", title: "Last week", align: "right" },
      { id: "change", title: "Change", align: "right" },
      ...(hasYear ? YEAR_COLUMNS : []),
    ],
    rows: LINES.map((id) => [...weekCells(facts, id), ...(hasYear ? yearCells(facts, id) : [])]),
    ...noteOf([
      hasYear ? weekYearNote(facts.result("week").query.window, calendarIn(facts)) : noYear(facts),
      note,
      ...currencySentences(facts, facts.result("week").query.window),
    ]),
  };
  const toDate = toDateTable(facts, LINES, calendarIn(facts));
  return [
    ...(sentence === "" ? [] : [{ kind: "prose", paragraphs: [sentence] } as const]),
    table,
    ...(toDate === null ? [] : [toDate]),
  ];
}

function calendarIn({ context }: Facts): Calendar {
  return context.calendar ?? calendarOf(context.weekEndsOn ?? 7);
}

const YEAR_COLUMNS: BlockOf<"table">["columns"] = [
  { id: "year", title: "Year ago", align: "right" },
  { id: "year_change", title: "On the year", align: "right" },
];

function noYear(facts: Facts): string {
  const before = cell(facts.result("year").totals, "net_revenue").previous;
  const why = before === undefined || before.status === "ok" ? "" : ` (${before.detail})`;
  return `There is no year to compare with${why}.`;
}

function noteOf(notes: readonly (string | undefined)[]): { readonly note?: string } {
  const text = notes.filter((note) => note !== undefined).join(" ");
  return text === "" ? {} : { note: text };
}

function weekCells(facts: Facts, id: MetricId): readonly TableCell[] {
  const def = facts.metric(id);
  const week = cell(facts.result("week").totals, id);
  const { currency } = facts.context;
  return [
    textCell(def.title),
    valueCell(week.value, def.unit, currency),
    valueCell(week.previous ?? missing, def.unit, currency),
    changeCell(week, def),
  ];
}

function yearCells(facts: Facts, id: MetricId): readonly TableCell[] {
  const def = facts.metric(id);
  const year = cell(facts.result("year").totals, id);
  return [valueCell(year.previous ?? missing, def.unit, facts.context.currency), changeCell(year, def)];
}

function drivers(facts: Facts): readonly Block[] {
  const { currency } = facts.context;
  const split = facts.split("revenue");
  if (split.status !== "ok")
    return [{ kind: "prose", paragraphs: [`The change cannot be split: ${split.detail}.`] }, trend(facts)];
  const money = (value: number) => ({ text: moneyText(value, currency), status: "ok" as const, note: null });
  const moved = (value: number) => ({ text: signedMoney(value, currency), status: "ok" as const, note: null });
  const steps = [
    { label: "Week before", value: split.before, figure: money(split.before), total: true },
    ...driversOf(split).map(({ label, value }) => ({ label, value, figure: moved(value) })),
    { label: "This week", value: split.after, figure: money(split.after), total: true },
  ];
  const sentence = splitSentence(split, currency);
  const title = splitTitle(split, currency);
  return [
    {
      kind: "prose",
      paragraphs: [
        `${sentence} Orders are counted at the old order value, order value within each channel, and channel mix is what moved between channels.`,
      ],
    },
    { kind: "waterfall", title, alt: `${title}. ${sentence}`, steps },
    trend(facts),
  ];
}

function trend(facts: Facts): Block {
  const { series } = facts.result("trend");
  const { currency } = facts.context;
  const points = (id: MetricId) =>
    series.map((bucket) => ({
      x: dayText(addDays(bucket.key as ISODate, 6)).replace(/ \d+$/, ""),
      y: chartNumber(cell(bucket.values, id).value, "money", currency),
    }));
  const last = series.at(-1);
  const closing =
    last === undefined
      ? "Revenue and spend by week"
      : `The last week closed at ${figure(cell(last.values, "net_revenue").value, "money", currency).text} net revenue and ${figure(cell(last.values, "spend").value, "money", currency).text} spend`;
  return {
    kind: "chart",
    title: closing,
    alt: `Net revenue and ad spend of the last ${plural(series.length, "week")}, by the day on which the week ends. ${closing}.`,
    spec: {
      form: "area_and_bar",
      x: { title: "Week ending", kind: "category" },
      y: { title: `${currency} per week, by the day on which the week ends`, format: "~s" },
      series: [
        { name: facts.metric("net_revenue").title, mark: "line", points: points("net_revenue") },
        { name: facts.metric("spend").title, mark: "bar", points: points("spend") },
      ],
    },
  };
}

const CHANNEL_COLUMNS: BlockOf<"table">["columns"] = [
  { id: "channel", title: "Channel", align: "left" },
  { id: "kind", title: "Kind", align: "left" },
  { id: "spend", title: "Spend", align: "right" },
  { id: "revenue", title: "Net revenue", align: "right" },
  { id: "change", title: "Change", align: "right" },
  { id: "share", title: "Share", align: "right" },
  { id: "orders", title: "Orders", align: "right" },
  { id: "new_customers", title: "New customers", align: "right" },
  { id: "cac", title: "CAC", align: "right" },
  { id: "roas", title: "ROAS", align: "right" },
];

function channels(facts: Facts): Block {
  const result = facts.result("channels");
  const shares = facts.share("channels", "net_revenue");
  const { currency } = facts.context;
  // Paid, then unpaid, then what belongs to no channel; within each the order of the answer: by revenue.
  const group = (row: BreakdownRow) => ["Paid", "Unpaid", "—"].indexOf(kindOf(facts, row));
  const rows = [...result.rows].sort((a, b) => group(a) - group(b));
  const note = restatedNote(result, ["spend", "blended_cac", "roas"], facts.metric);
  return {
    kind: "table",
    title: "Channels by net revenue",
    columns: CHANNEL_COLUMNS,
    rows: rows.map((row) => {
      const kind = kindOf(facts, row);
      const share = valueCell(shares[row.key] ?? missing, "ratio", currency);
      return [textCell(label(row.label)), textCell(kind), ...channelCells(facts, row.values, share, kind === "Paid")];
    }),
    totals: [
      textCell("All channels"),
      textCell(""),
      ...channelCells(facts, result.totals, valueCell({ status: "ok", value: 1 }, "ratio", currency), true),
    ],
    ...(note === undefined ? {} : { note }),
  };
}

function kindOf(facts: Facts, row: BreakdownRow): "Paid" | "Unpaid" | "—" {
  const paid = facts.isPaid(row.key);
  return paid === undefined ? "—" : paid ? "Paid" : "Unpaid";
}

/** Spend … ROAS. A channel that nothing was paid for has no CAC and no ROAS: zero would read as "free". */
function channelCells(
  facts: Facts,
  values: QueryResult["totals"],
  share: TableCell,
  isPaid: boolean,
): readonly TableCell[] {
  const value = (id: MetricId) => valueCell(cell(values, id).value, facts.metric(id).unit, facts.context.currency);
  const none: TableCell = { text: "—", sort: null };
  const spend = cell(values, "spend").value;
  const isFree = spend.status === "ok" && spend.value === 0;
  return [
    isPaid ? value("spend") : none,
    value("net_revenue"),
    changeCell(cell(values, "net_revenue"), facts.metric("net_revenue")),
    share,
    value("orders"),
    value("new_customers"),
    isPaid && !isFree ? value("blended_cac") : none,
    isPaid && !isFree ? value("roas") : none,
  ];
}

const missing = { status: "unknown", because: "no_data", detail: "nothing was asked for" } as const;

function cell(values: Readonly<Record<MetricId, Compared>>, id: MetricId): Compared {
  return values[id] ?? { value: missing };
}
