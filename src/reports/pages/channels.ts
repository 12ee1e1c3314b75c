/** Where revenue comes from and what it costs, and what the ad platforms claim of it. */

import { addDays } from "../../base/dates.js";
import type { BreakdownRow, MetricId, SemanticQuery } from "../../metrics/types.js";
import { windowFor } from "../../metrics/windows.js";
import { currencySentences } from "../currencies.js";
import { chartNumber, figure } from "../figures.js";
import { heading, lead, type MetricColumn, metricTable, prose } from "../metric-table.js";
import { calendarIn, type PeriodChoice, periodBlock, periodsOf } from "../periods.js";
import { comparedOf } from "../read-values.js";
import { definitions, restatedNote, stamps } from "../stamps.js";
import { label } from "../text.js";
import type { Block, Facts, ReportPage } from "../types.js";

const UNATTRIBUTED = "(none)";
const WEEKS_SHOWN = 13;
const LINES_SHOWN = 5;
const METRICS = [
  "net_revenue",
  "orders",
  "new_customers",
  "returning_orders",
  "spend",
  "blended_cac",
  "roas",
  "contribution_margin",
  "contribution_margin_pct",
  "channel_profit",
  "conversion_value",
  "overclaimed_revenue",
  "conversions",
  "overclaimed_orders",
  "platform_roas",
] as const satisfies readonly MetricId[];
/** What the table of claims needs of the list above. */
const CLAIMS = METRICS.slice(10);
const QUESTION = {
  breakdown: "channel",
  orderBy: { metric: "net_revenue", direction: "desc" },
} as const satisfies Partial<SemanticQuery>;

/** Every channel with its result, the rest that no channel is known of, and claims beside the shop's own figures. */
export const channels: ReportPage = {
  id: "channels",
  title: "Channels",
  reads: (context, { weekEndsOn }) => {
    const week = windowFor("last week", context.lastCompleteDay, weekEndsOn);
    const trend = { from: addDays(week.to, 1 - 7 * WEEKS_SHOWN), to: week.to };
    return {
      channels_trend: { ...QUESTION, metrics: ["net_revenue"], window: trend, grain: "week", limit: LINES_SHOWN },
      ...Object.fromEntries(
        periodsOf(context, weekEndsOn).flatMap(({ id, window, comparisons }): [string, SemanticQuery][] => [
          [`channels_all_${id}`, { ...QUESTION, metrics: METRICS, window, compare: comparisons.previous }],
          [`channels_all_${id}_year`, { ...QUESTION, metrics: ["net_revenue"], window, compare: comparisons.year }],
        ]),
      ),
    };
  },
  build: (facts) => ({
    schemaVersion: 1,
    id: channels.id,
    title: channels.title,
    subtitle: "Orders of the shop by the channel that brought them, beside what was spent there",
    context: facts.context,
    blocks: [
      periodBlock(periodsOf(facts.context, calendarIn(facts.context)), "30d", (period) => blocksOf(facts, period)),
      heading("course", "The last weeks"),
      ...course(facts),
      heading("definitions", "Definitions"),
      definitions(METRICS.map(facts.metric)),
    ],
    stamps: stamps(facts),
  }),
};

function blocksOf(facts: Facts, period: PeriodChoice): readonly Block[] {
  const result = facts.result(`channels_all_${period.id}`);
  return [
    lead(sentence(facts, period)),
    metricTable(facts, {
      title: `Channels, ${period.label}`,
      head: "Channel",
      columns: columnsOf(facts),
      result,
      years: facts.result(`channels_all_${period.id}_year`),
      total: "All channels",
      note: [
        result.rows.length === 0 ? "No order and no spend is known of these days." : unattributed(facts, period),
        restatedNote(result, METRICS.slice(0, 10), facts.metric) ?? "",
        ...currencySentences(facts, result.query.window),
      ]
        .filter((text) => text !== "")
        .join(" "),
    }),
    ...claims(facts, period),
  ];
}

/** A channel that is not paid for has no spend, no CAC and no ROAS: zero would read as "free". */
function columnsOf(facts: Facts): readonly MetricColumn[] {
  const hides = (row: BreakdownRow) => isFree(facts, row);
  return [
    { metric: "net_revenue", changes: true },
    { metric: "orders" },
    { metric: "new_customers", title: "New" },
    { metric: "returning_orders", title: "Returning" },
    { metric: "spend", title: "Spend", hides },
    { metric: "blended_cac", title: "CAC", hides },
    { metric: "roas", title: "ROAS", hides },
    { metric: "contribution_margin", title: "Contribution" },
    { metric: "contribution_margin_pct", title: "CM %" },
    { metric: "channel_profit", title: "After ads" },
  ];
}

function isFree(facts: Facts, row: BreakdownRow): boolean {
  const spend = comparedOf(row.values, "spend").value;
  return facts.isPaid(row.key) !== true || (spend.status === "ok" && spend.value === 0);
}

function sentence(facts: Facts, { id, when }: PeriodChoice): string {
  const name = `channels_all_${id}`;
  const { rows, totals } = facts.result(name);
  const total = comparedOf(totals, "net_revenue").value;
  if (total.status !== "ok") return `Net revenue ${when} is unknown: ${total.detail}.`;
  const [first] = rows.filter((row) => row.key !== UNATTRIBUTED);
  const share = first === undefined ? undefined : facts.share(name, "net_revenue")[first.key];
  if (first === undefined || share?.status !== "ok") return `No channel brought net revenue ${when}.`;
  const { currency } = facts.context;
  const own = figure(comparedOf(first.values, "net_revenue").value, "money", currency).text;
  const part = figure(share, "ratio", currency).text;
  return `${label(first.label)} brought most ${when}: ${own}, ${part} of ${figure(total, "money", currency).text} net revenue.`;
}

/** Orders whose channel nobody knows are a row of their own; how much of the revenue that is. */
function unattributed(facts: Facts, { id }: PeriodChoice): string {
  const share = facts.share(`channels_all_${id}`, "net_revenue")[UNATTRIBUTED];
  if (share === undefined) return "Every order has a channel.";
  if (share.status !== "ok") return "";
  return `"Unattributed" are orders without a trace of where they came from: ${figure(share, "ratio", facts.context.currency).text} of net revenue.`;
}

function claims(facts: Facts, period: PeriodChoice): readonly Block[] {
  const result = facts.result(`channels_all_${period.id}`);
  const rows = result.rows.filter((row) => !isFree(facts, row));
  if (rows.length === 0)
    return prose("Nothing was spent on ads in these days, so no platform claims anything: claims are not compared.");
  return [
    metricTable(facts, {
      title: `What platforms claim and what the shop can verify, ${period.label}`,
      head: "Channel",
      columns: [
        { metric: "spend", title: "Spend" },
        { metric: "conversion_value", title: "Claimed revenue" },
        { metric: "net_revenue", title: "Verified net revenue" },
        { metric: "overclaimed_revenue", title: "Difference" },
        { metric: "conversions", title: "Claimed orders" },
        { metric: "orders", title: "Verified orders" },
        { metric: "overclaimed_orders", title: "Difference in orders" },
        { metric: "platform_roas", title: "ROAS claimed" },
        { metric: "roas", title: "ROAS verified" },
      ],
      result,
      rows,
      note: `Platforms count on the day of the click, with views, tax and shipping, and each other's orders too; the page on data health splits the difference into its causes. ${restatedNote(result, CLAIMS, facts.metric) ?? ""}`,
    }),
  ];
}

function course(facts: Facts): readonly Block[] {
  const { rows } = facts.result("channels_trend");
  const { currency } = facts.context;
  const [first] = rows;
  if (first === undefined) return prose("There is nothing to draw yet.");
  const series = rows.map((row) => ({
    name: label(row.label),
    mark: "line" as const,
    points: (row.series ?? []).map((week) => ({
      x: week.key,
      y: chartNumber(comparedOf(week.values, "net_revenue").value, "money", currency),
    })),
  }));
  const title = `${label(first.label)} leads the last ${WEEKS_SHOWN} weeks with ${figure(comparedOf(first.values, "net_revenue").value, "money", currency).text}`;
  const spec = {
    form: "line",
    x: { title: "Week", kind: "day" },
    y: { title: `${currency} net revenue per week`, format: "~s" },
    series,
  } as const;
  return [
    { kind: "chart", title, alt: `Net revenue per week of the ${rows.length} largest channels. ${title}.`, spec },
  ];
}
