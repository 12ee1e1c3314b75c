/** The page for a glance: the figures of 7, 14, 30 or 90 days, with their course. */
import type { Compared, MetricId, MetricValue, SemanticQuery } from "../../metrics/types.js";
import { windowFor } from "../../metrics/windows.js";
import { currencySentences } from "../currencies.js";
import { changeCell, changeFigure, changeTone, chartNumber, figure, textCell, valueCell } from "../figures.js";
import { headline, plural } from "../narrative.js";
import { definitions, restatedNote, stamps } from "../stamps.js";
import { label, rangeText } from "../text.js";
import type { Block, BlockOf, Facts, Kpi, ReportPage } from "../types.js";

const PRESETS = [7, 14, 30, 90] as const;
const SELECTED = 30;
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
const CHANNEL_METRICS: readonly MetricId[] = ["net_revenue", "spend", "orders", "new_customers", "roas"];

/** Cards, revenue and spend, and the strongest channels. */
export const executive: ReportPage = {
  id: "executive",
  title: "Executive summary",
  reads: (context, { weekEndsOn, own = [] }) =>
    Object.fromEntries(
      PRESETS.flatMap((days): [string, SemanticQuery][] => {
        const window = windowFor(`${days}d`, context.lastCompleteDay, weekEndsOn);
        const compare = { kind: "previous" } as const;
        return [
          [`cards_${days}`, { metrics: CARDS, window, compare, grain: "day" }],
          ...ownRead(days, { metrics: own.slice(0, OWN_SHOWN), window, compare }),
          [
            `channels_${days}`,
            {
              metrics: CHANNEL_METRICS,
              window,
              compare,
              breakdown: "channel",
              orderBy: { metric: "net_revenue", direction: "desc" },
            },
          ],
        ];
      }),
    ),
  build: (facts) => ({
    schemaVersion: 1,
    id: executive.id,
    title: executive.title,
    subtitle: `Up to ${rangeText({ from: facts.context.lastCompleteDay, to: facts.context.lastCompleteDay })}; every period against the one of the same length before it`,
    context: facts.context,
    blocks: [
      {
        kind: "presets",
        selected: `${SELECTED}d`,
        options: PRESETS.map((days) => ({
          id: `${days}d`,
          label: `${days} days`,
          blocks: preset(facts, days),
        })),
      },
      { kind: "heading", id: "definitions", text: "Definitions" },
      definitions([...CARDS, ...(facts.own ?? []).slice(0, OWN_SHOWN)].map(facts.metric)),
    ],
    stamps: stamps(facts),
  }),
};

function preset(facts: Facts, days: number): readonly Block[] {
  const result = facts.result(`cards_${days}`);
  const note = restatedNote(result, CARDS, facts.metric);
  const notes = [...(note === undefined ? [] : [note]), ...currencySentences(facts, result.query.window)];
  const sentence = headline({
    metric: facts.metric("net_revenue"),
    value: cell(result.totals, "net_revenue"),
    split: { status: "unknown", detail: "not asked for" },
    currency: facts.context.currency,
    when: `in the ${plural(days, "day")} ${rangeText(result.query.window)}`,
    before: `in the ${plural(days, "day")} before`,
  });
  return [
    { kind: "prose", paragraphs: [sentence], lead: true },
    { kind: "kpis", items: CARDS.map((id) => card(facts, days, id)) },
    ...ownCards(facts, days),
    ...(notes.length === 0 ? [] : [{ kind: "prose", paragraphs: notes } as const]),
    revenueAndSpend(facts, days),
    topChannels(facts, days),
  ];
}

/** What the user defined has cards of its own; cohorts have no daily course, so these have none. */
function ownRead(days: number, query: SemanticQuery): readonly [string, SemanticQuery][] {
  return query.metrics.length === 0 ? [] : [[`own_${days}`, query]];
}

function ownCards(facts: Facts, days: number): readonly Block[] {
  const own = (facts.own ?? []).slice(0, OWN_SHOWN);
  if (own.length === 0) return [];
  return [{ kind: "kpis", items: own.map((id) => card(facts, days, id, "own")) }];
}

function card(facts: Facts, days: number, id: MetricId, read = "cards"): Kpi {
  const result = facts.result(`${read}_${days}`);
  const def = facts.metric(id);
  const compared = cell(result.totals, id);
  const { currency } = facts.context;
  return {
    metric: id,
    title: def.title,
    value: figure(compared.value, def.unit, currency),
    change: changeFigure(compared, def.unit),
    tone: changeTone(compared, def),
    spark: result.series.map((day) => chartNumber(cell(day.values, id).value, def.unit, currency)),
    formula: def.formula,
  };
}

function revenueAndSpend(facts: Facts, days: number): Block {
  const result = facts.result(`cards_${days}`);
  const { currency } = facts.context;
  const text = (id: MetricId) => figure(cell(result.totals, id).value, facts.metric(id).unit, currency).text;
  const points = (id: MetricId) =>
    result.series.map((day) => ({ x: day.key, y: chartNumber(cell(day.values, id).value, "money", currency) }));
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

function topChannels(facts: Facts, days: number): BlockOf<"table"> {
  const name = `channels_${days}`;
  const result = facts.result(name);
  const shares = facts.share(name, "net_revenue");
  const { currency } = facts.context;
  const left = result.rows.slice(CHANNELS_SHOWN).length;
  const value = (values: Readonly<Record<MetricId, Compared>>, id: MetricId) =>
    valueCell(cell(values, id).value, facts.metric(id).unit, currency);
  return {
    kind: "table",
    title: "Top channels by net revenue",
    columns: [
      { id: "channel", title: "Channel", align: "left" },
      { id: "revenue", title: "Net revenue", align: "right" },
      { id: "change", title: "Change", align: "right" },
      { id: "share", title: "Share", align: "right" },
      { id: "orders", title: "Orders", align: "right" },
      { id: "new_customers", title: "New customers", align: "right" },
      { id: "spend", title: "Spend", align: "right" },
      { id: "roas", title: "ROAS", align: "right" },
    ],
    rows: result.rows.slice(0, CHANNELS_SHOWN).map((row) => {
      // A channel that is not paid for has no spend and no ROAS: zero would read as "free".
      const isPaid = facts.isPaid(row.key) === true;
      const spend = cell(row.values, "spend").value;
      const isFree = !isPaid || (spend.status === "ok" && spend.value === 0);
      return [
        textCell(label(row.label)),
        value(row.values, "net_revenue"),
        changeCell(cell(row.values, "net_revenue"), facts.metric("net_revenue")),
        valueCell(shares[row.key] ?? missing, "ratio", currency),
        value(row.values, "orders"),
        value(row.values, "new_customers"),
        isPaid ? value(row.values, "spend") : textCell("—", null),
        isFree ? textCell("—", null) : value(row.values, "roas"),
      ];
    }),
    ...(left === 0 ? {} : { note: `${plural(left, "smaller channel")} not shown; the weekly review lists all.` }),
  };
}

const missing: MetricValue = { status: "unknown", because: "no_data", detail: "it was not asked for" };

function cell(values: Readonly<Record<MetricId, Compared>>, id: MetricId): Compared {
  return values[id] ?? { value: missing };
}
