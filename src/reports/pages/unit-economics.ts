/** What is left of an order: from its gross value to the contribution after ads, who it comes from, and the guardrails. */

import { shareValue } from "../../metrics/shares.js";
import type { BreakdownRow, MetricId, SemanticQuery } from "../../metrics/types.js";
import { windowFor } from "../../metrics/windows.js";
import { currencySentences } from "../currencies.js";
import { changeCell, changeFigure, changeTone, figure, textCell, valueCell } from "../figures.js";
import { guardrailLights } from "../guardrails.js";
import { LADDER, LADDER_METRICS, type LadderLine, lineText } from "../ladder.js";
import { plural } from "../narrative.js";
import { cellOf, comparedOf, figureOf, valueIn } from "../read-values.js";
import { definitions, restatedNote, stamps } from "../stamps.js";
import { label, rangeText } from "../text.js";
import type { Block, BlockOf, Facts, Figure, Kpi, ReportPage, TableCell } from "../types.js";

const PRESETS = [7, 14, 30, 90] as const;
const SELECTED = 30;
const PAGE = "unit-economics";

const CARDS: readonly MetricId[] = [
  "aov",
  "gross_margin",
  "contribution_margin_pct",
  "contribution_after_ads_pct",
  "blended_cac",
  "mer",
  "refund_rate",
  "discount_rate",
];
const BY_CUSTOMER: readonly MetricId[] = [
  "orders",
  "net_revenue",
  "aov",
  "discount_rate",
  "refund_rate",
  "gross_margin",
  "contribution_margin",
  "contribution_margin_pct",
];
/** What the rules of a week may be about, and the volumes that they want. */
const GUARDED: readonly MetricId[] = [
  ...CARDS,
  "new_customer_share",
  "cost_per_order",
  "ad_cost_ratio",
  "orders",
  "new_customers",
];

/** Guardrails, and for 7, 14, 30 or 90 days the waterfall, the costs and new against returning customers. */
export const unitEconomics: ReportPage = {
  id: PAGE,
  title: "Unit economics",
  reads: (context, { weekEndsOn }) => {
    const compare = { kind: "previous" } as const;
    const windowOf = (days: number) => windowFor(`${days}d`, context.lastCompleteDay, weekEndsOn);
    return {
      [`${PAGE}_week`]: { metrics: GUARDED, window: windowOf(7), compare },
      ...Object.fromEntries(
        PRESETS.flatMap((days): [string, SemanticQuery][] => {
          const window = windowOf(days);
          return [
            [`${PAGE}_ladder_${days}`, { metrics: [...LADDER_METRICS, "orders"], window, compare }],
            [`${PAGE}_cards_${days}`, { metrics: CARDS, window, compare }],
            [`${PAGE}_customers_${days}`, { metrics: BY_CUSTOMER, window, breakdown: "customer_type" }],
          ];
        }),
      ),
    };
  },
  build: (facts) => {
    const lights = guardrailLights(facts, facts.result(`${PAGE}_week`), GUARDED);
    return {
      schemaVersion: 1,
      id: PAGE,
      title: unitEconomics.title,
      subtitle: `Up to ${rangeText({ from: facts.context.lastCompleteDay, to: facts.context.lastCompleteDay })}; every period against the one of the same length before it`,
      context: facts.context,
      blocks: [
        ...(lights === null ? [] : [lights]),
        {
          kind: "presets",
          selected: `${SELECTED}d`,
          options: PRESETS.map((days) => ({ id: `${days}d`, label: `${days} days`, blocks: preset(facts, days) })),
        },
        { kind: "heading", id: "definitions", text: "Definitions" },
        definitions([...new Set([...CARDS, ...LADDER_METRICS])].map(facts.metric)),
      ],
      stamps: stamps(facts),
    };
  },
};

function preset(facts: Facts, days: number): readonly Block[] {
  const ladder = facts.result(`${PAGE}_ladder_${days}`);
  const notes = currencySentences(facts, ladder.query.window);
  return [
    { kind: "prose", paragraphs: [leadOf(facts, days)], lead: true },
    { kind: "kpis", items: CARDS.map((id) => card(facts, days, id)) },
    ...(notes.length === 0 ? [] : [{ kind: "prose", paragraphs: notes } as const]),
    waterfall(facts, days),
    costTable(facts, days),
    customerTable(facts, days),
  ];
}

function leadOf(facts: Facts, days: number): string {
  const { totals, query } = facts.result(`${PAGE}_ladder_${days}`);
  const cards = facts.result(`${PAGE}_cards_${days}`).totals;
  const when = `in the ${plural(days, "day")} ${rangeText(query.window)}`;
  const before = valueIn(cards, "contribution_margin_pct");
  if (before.status !== "ok") return `What an order leaves ${when} is unknown: ${before.detail}.`;
  const text = (id: MetricId) => figureOf(facts, cards, id).text;
  const after = valueIn(cards, "contribution_after_ads_pct");
  const ads =
    after.status === "ok"
      ? `${text("contribution_after_ads_pct")} after ads (${figureOf(facts, totals, "channel_profit").text})`
      : `what is left after ads is unknown: ${after.detail}`;
  return `Of net revenue ${when} ${text("contribution_margin_pct")} was left before ads, and ${ads}.`;
}

function card(facts: Facts, days: number, id: MetricId): Kpi {
  const compared = comparedOf(facts.result(`${PAGE}_cards_${days}`).totals, id);
  const def = facts.metric(id);
  return {
    metric: id,
    title: def.title,
    value: figure(compared.value, def.unit, facts.context.currency),
    change: changeFigure(compared, def.unit),
    tone: changeTone(compared, def),
    spark: [],
    formula: def.formula,
  };
}

/** Bars are money, their texts shares of net revenue: short at any size of shop. */
function waterfall(facts: Facts, days: number): Block {
  const { totals, query } = facts.result(`${PAGE}_ladder_${days}`);
  const net = valueIn(totals, "net_revenue");
  const values = LADDER.map((line) => ({ line, value: valueIn(totals, line.metric) }));
  const missing = values.find(({ value }) => value.status !== "ok");
  if (missing !== undefined && missing.value.status !== "ok")
    return {
      kind: "prose",
      paragraphs: [
        `There is no waterfall: ${facts.metric(missing.line.metric).title} is unknown (${missing.value.detail}).`,
      ],
    };
  const steps = values.flatMap(({ line, value }) => {
    if (value.status !== "ok" || line.metric === "gross_profit") return [];
    const signed = line.sign === -1 ? { ...value, value: -value.value } : value;
    const share = figure(shareValue(signed, net), "ratio", facts.context.currency);
    return [
      { label: line.short, value: signed.value, figure: share, ...(line.sign === "total" ? { total: true } : {}) },
    ];
  });
  const said = (short: string): Figure["text"] => steps.find((step) => step.label === short)?.figure.text ?? "";
  const title = `Of net revenue ${said("Contribution")} is left before ads and ${said("After ads")} after`;
  return {
    kind: "waterfall",
    title,
    alt: `From gross sales to contribution after ads, ${rangeText(query.window)}, in % of net revenue. ${title}.`,
    steps,
  };
}

function costTable(facts: Facts, days: number): BlockOf<"table"> {
  const result = facts.result(`${PAGE}_ladder_${days}`);
  const note = restatedNote(result, ["spend", "channel_profit"], facts.metric);
  return {
    kind: "table",
    title: "From gross sales to contribution after ads",
    columns: [
      { id: "line", title: "Line", align: "left" },
      { id: "amount", title: "Amount", align: "right" },
      { id: "order", title: "Per order", align: "right" },
      { id: "share", title: "% of net revenue", align: "right" },
      { id: "change", title: "Change", align: "right" },
    ],
    rows: LADDER.map((line) => costRow(facts, result.totals, line)),
    note: ["Costs are those of the config: margins by category, shares of revenue, fees per order.", note]
      .filter((text) => text !== undefined)
      .join(" "),
  };
}

function costRow(facts: Facts, totals: BreakdownRow["values"], line: LadderLine): readonly TableCell[] {
  const { currency } = facts.context;
  const value = valueIn(totals, line.metric);
  return [
    textCell(lineText(line)),
    cellOf(facts, totals, line.metric),
    valueCell(shareValue(value, valueIn(totals, "orders")), "money", currency),
    valueCell(shareValue(value, valueIn(totals, "net_revenue")), "ratio", currency),
    changeCell(comparedOf(totals, line.metric), facts.metric(line.metric)),
  ];
}

function customerTable(facts: Facts, days: number): BlockOf<"table"> {
  const { rows, totals } = facts.result(`${PAGE}_customers_${days}`);
  const cells = (values: BreakdownRow["values"]) => BY_CUSTOMER.map((id) => cellOf(facts, values, id));
  return {
    kind: "table",
    title: "New against returning customers",
    columns: [
      { id: "customer", title: "Customers", align: "left" },
      ...BY_CUSTOMER.map((id) => ({ id, title: facts.metric(id).title, align: "right" as const })),
    ],
    rows: rows.map((row) => [textCell(customerName(row)), ...cells(row.values)]),
    totals: [textCell("All orders"), ...cells(totals)],
    note:
      rows.length === 0
        ? "No order came in these days."
        : "A customer is new with the first order ever; orders without a customer are neither. Ad spend belongs to no order, so margins are before ads.",
  };
}

const CUSTOMERS: Readonly<Record<string, string>> = { new: "New", returning: "Returning", anonymous: "Anonymous" };

function customerName(row: BreakdownRow): string {
  return CUSTOMERS[row.key] ?? label(row.label);
}
