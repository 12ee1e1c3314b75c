/** From a visit to a purchase, as web analytics counts it: how many go on at each step, and where most are lost. */

import type { Compared, MetricId, SemanticQuery } from "../../metrics/types.js";
import { changeCell, figure, textCell, valueCell } from "../figures.js";
import { FUNNEL_METRICS, FUNNEL_STEPS, type FunnelMetrics, funnelBlock, largestDrop } from "../funnel.js";
import { heading, lead, metricTable, prose } from "../metric-table.js";
import { calendarIn, type PeriodChoice, periodBlock, periodsOf } from "../periods.js";
import { comparedOf } from "../read-values.js";
import { definitions, restatedNote, stamps } from "../stamps.js";
import type { Block, BlockOf, Facts, ReportPage, TableCell } from "../types.js";

const RATES = FUNNEL_STEPS.flatMap(({ rate }) => rate ?? []);
const METRICS: readonly MetricId[] = [...FUNNEL_METRICS, "funnel_cvr", "orders", "cvr"];
const BY_CHANNEL: readonly MetricId[] = ["sessions", ...RATES, "funnel_cvr"];

/** The funnel of the shop and of its channels. */
export const funnel: ReportPage = {
  id: "funnel",
  title: "Funnel",
  reads: (context, { weekEndsOn }) =>
    Object.fromEntries(
      periodsOf(context, weekEndsOn).flatMap(({ id, window, comparisons }): [string, SemanticQuery][] => [
        [`funnel_${id}`, { metrics: METRICS, window, compare: comparisons.previous }],
        [`funnel_${id}_year`, { metrics: METRICS, window, compare: comparisons.year }],
        [
          `funnel_channels_${id}`,
          {
            metrics: BY_CHANNEL,
            window,
            breakdown: "channel",
            orderBy: { metric: "sessions", direction: "desc" },
          },
        ],
      ]),
    ),
  build: (facts) => ({
    schemaVersion: 1,
    id: funnel.id,
    title: funnel.title,
    subtitle: "Sessions, product views, carts, checkouts and purchases as GA4 counts them",
    context: facts.context,
    blocks: [
      periodBlock(periodsOf(facts.context, calendarIn(facts.context)), "30d", (period) => blocksOf(facts, period)),
      heading("definitions", "Definitions"),
      definitions(METRICS.map(facts.metric)),
    ],
    stamps: stamps(facts),
  }),
};

function blocksOf(facts: Facts, period: PeriodChoice): readonly Block[] {
  const result = facts.result(`funnel_${period.id}`);
  const channels = facts.result(`funnel_channels_${period.id}`);
  const bottleneck = largestDrop(result.totals);
  return [
    lead(sentence(facts, period, bottleneck)),
    funnelBlock(facts, result.totals),
    steps(facts, period, bottleneck),
    ...prose(shopBeside(facts, period), restatedNote(result, METRICS, facts.metric)),
    metricTable(facts, {
      title: `Steps by channel, ${period.label}`,
      head: "Channel",
      columns: BY_CHANNEL.map((metric) => ({ metric })),
      result: channels,
      total: "All channels",
      ...(channels.rows.length === 0 ? { note: "No session is known of these days." } : {}),
    }),
  ];
}

function sentence(facts: Facts, { id, when }: PeriodChoice, bottleneck: FunnelMetrics | null): string {
  const { totals } = facts.result(`funnel_${id}`);
  const { currency } = facts.context;
  const sessions = comparedOf(totals, "sessions").value;
  if (sessions.status !== "ok") return `How many visits there were ${when} is unknown: ${sessions.detail}.`;
  const rate = comparedOf(totals, "funnel_cvr").value;
  if (rate.status !== "ok") return `There was no visit ${when}.`;
  const start = `${figure(rate, "ratio", currency).text} of ${figure(sessions, "count", currency).text} sessions ${when} ended in a purchase`;
  if (bottleneck === null || bottleneck.rate === null) return `${start}.`;
  const part = figure(comparedOf(totals, bottleneck.rate).value, "ratio", currency).text;
  const name = facts.metric(bottleneck.metric).title.toLowerCase();
  return `${start}; the largest drop is before ${name}: only ${part} of the step before get there.`;
}

function steps(facts: Facts, period: PeriodChoice, bottleneck: FunnelMetrics | null): BlockOf<"table"> {
  const now = facts.result(`funnel_${period.id}`).totals;
  const year = facts.result(`funnel_${period.id}_year`).totals;
  const { currency } = facts.context;
  const right = "right" as const;
  const changes = (id: MetricId): readonly TableCell[] => {
    const of = (compared: Compared) => changeCell(compared, facts.metric(id));
    return [of(comparedOf(now, id)), of(comparedOf(year, id))];
  };
  const dash = textCell("—", null);
  return {
    kind: "table",
    title: `The way to a purchase, ${period.label}`,
    columns: [
      { id: "step", title: "Step", align: "left" },
      { id: "count", title: "Count", align: right },
      { id: "count_change", title: "Change", align: right, versus: "previous" },
      { id: "count_year", title: "Change on the year", align: right, versus: "year" },
      { id: "rate", title: "Of the step before", align: right },
      { id: "rate_change", title: "Change of the rate", align: right, versus: "previous" },
      { id: "rate_year", title: "Change of the rate on the year", align: right, versus: "year" },
      { id: "tag", title: "Bottleneck", align: "left" },
    ],
    rows: FUNNEL_STEPS.map((step) => [
      textCell(facts.metric(step.metric).title),
      valueCell(comparedOf(now, step.metric).value, "count", currency),
      ...changes(step.metric),
      ...(step.rate === null
        ? [dash, dash, dash]
        : [valueCell(comparedOf(now, step.rate).value, "ratio", currency), ...changes(step.rate)]),
      step === bottleneck ? { ...textCell("Largest drop"), tone: "bad" as const } : textCell(""),
    ]),
  };
}

/** GA4 does not see every order: the shop's own conversion rate stands beside its. */
function shopBeside(facts: Facts, { id }: PeriodChoice): string | undefined {
  const { totals } = facts.result(`funnel_${id}`);
  const { currency } = facts.context;
  const [orders, seen, rate] = [
    comparedOf(totals, "orders").value,
    comparedOf(totals, "purchases").value,
    comparedOf(totals, "cvr").value,
  ];
  if (orders.status !== "ok" || seen.status !== "ok") return undefined;
  const own = rate.status === "ok" ? `, ${figure(rate, "ratio", currency).text} of the sessions` : "";
  return `The shop had ${figure(orders, "count", currency).text} orders${own}; GA4 saw ${figure(seen, "count", currency).text} purchases.`;
}
