/** Where the money is: what payouts brought to the bank and what they hold, what still waits, and what goods cost. */
import { addDays } from "../../base/dates.js";
import type { BreakdownRow, MetricId } from "../../metrics/types.js";
import { LEDGER_STATES, type LedgerPayout } from "../../transform/ledger.js";
import type { LedgerPage, Sku } from "../../transform/ledger-page.js";
import { changeCell, changeFigure, figure, moneyCell, textCell, valueCell } from "../figures.js";
import { payoutsSentence } from "../ledger.js";
import { heading, lead, metricTable, prose } from "../metric-table.js";
import { plural } from "../narrative.js";
import { cellOf, comparedOf, pointOf } from "../read-values.js";
import { definitions, stamps } from "../stamps.js";
import { dayText, label, rangeText } from "../text.js";
import type { Block, BlockOf, Facts, ReportPage, TableCell } from "../types.js";

const DAYS = 28;
/** Goods are sold more slowly than money moves. */
const GOODS_DAYS = 90;
const SKUS_SHOWN = 100;
const LONGEST_NAME = 11;
const CLEARED: MetricId = "cleared_net_revenue";
const SOLD: readonly MetricId[] = ["units", "net_order_revenue", "gross_profit_before_returns"];

/** The ledger, its payouts, and the catalogue with its costs. */
export const ledger: ReportPage = {
  id: "ledger",
  title: "Ledger",
  reads: ({ lastCompleteDay: to }) => {
    const window = { from: addDays(to, 1 - DAYS), to };
    return {
      ledger_days: { metrics: [CLEARED], window, grain: "day", compare: { kind: "previous" } },
      ledger_payers: { metrics: [CLEARED], window, breakdown: "platform", compare: { kind: "previous" } },
      ledger_goods: {
        metrics: SOLD,
        window: { from: addDays(to, 1 - GOODS_DAYS), to },
        breakdown: "product",
        orderBy: { metric: "net_order_revenue", direction: "desc" },
        limit: 1000,
      },
    };
  },
  build: (facts) => ({
    schemaVersion: 1,
    id: ledger.id,
    title: ledger.title,
    subtitle: "What customers paid on its way to the bank, tax and shipping included, each amount in its own currency",
    context: facts.context,
    blocks: [
      ...(facts.ledger === null
        ? [lead("Nothing was read: build the workspace again.")]
        : [...moneyBlocks(facts, facts.ledger), ...goods(facts, facts.ledger)]),
      heading("definitions", "Definitions"),
      definitions([CLEARED, ...SOLD].map(facts.metric)),
    ],
    stamps: stamps(facts),
  }),
};

function moneyBlocks(facts: Facts, read: LedgerPage): readonly Block[] {
  if (read.counted.all === 0) return nothingTold();
  return [
    lead(leadOf(facts, read)),
    ...cleared(facts),
    heading("balance", "Where the money is"),
    balance(read),
    heading("payouts", "Payouts"),
    ...prose(payoutsSentence(read.counted)),
    payouts(read),
    heading("waiting", "What waits"),
    ...waiting(read),
    heading("changes", "What changed last"),
    ...moves(read),
  ];
}

/** What the page would need; zeros would say that nothing was paid. */
function nothingTold(): readonly Block[] {
  return [
    lead("No payout was told yet: nobody can say what is at the bank."),
    {
      kind: "findings",
      items: [
        {
          tone: "neutral",
          badge: "Missing",
          title: "Payouts of the payment provider",
          detail:
            "With them every sale, refund, fee and dispute is followed to the bank, and what nothing explains is named.",
          advice: "growthos ingest payouts payouts.json, or the webhooks of growthos serve --intake",
        },
        {
          tone: "neutral",
          badge: "Missing",
          title: "Disputes",
          detail:
            "Shopify tells them by the webhooks disputes/create and disputes/update; without them a chargeback is seen only in its payout.",
        },
      ],
    },
  ];
}

function leadOf(facts: Facts, { pendingEntries: pending, waiting: oldest }: LedgerPage): string {
  const { query, totals } = facts.result("ledger_days");
  const brought = comparedOf(totals, CLEARED);
  const { currency } = facts.context;
  const bank =
    brought.value.status === "ok"
      ? `Payouts brought ${figure(brought.value, "money", currency).text} to the bank in the ${DAYS} days ${rangeText(query.window)} (${changeFigure(brought, "money").text} against the ${DAYS} before)`
      : `What payouts brought to the bank in the ${DAYS} days ${rangeText(query.window)} is unknown: ${brought.value.detail}`;
  const [first] = oldest;
  const still =
    first === undefined
      ? "nothing waits"
      : `${entriesText(pending)} still ${pending === 1 ? "waits" : "wait"}, the oldest since ${dayText(first.day)}`;
  return `${bank}; ${still}.`;
}

const entriesText = (count: number) => (count === 1 ? "1 entry" : `${count} entries`);

/** Day by day, and by who paid; nothing where it is unknown, which the lead has said. */
function cleared(facts: Facts): readonly Block[] {
  const { query, series, totals } = facts.result("ledger_days");
  const payers = facts.result("ledger_payers");
  if (comparedOf(totals, CLEARED).value.status !== "ok") return [];
  const { currency } = facts.context;
  const before = series.map(({ key, values }) => {
    const { previous } = comparedOf(values, CLEARED);
    return { x: key, y: previous === undefined ? null : pointOf(facts, { [CLEARED]: { value: previous } }, CLEARED) };
  });
  const title = `${figure(comparedOf(totals, CLEARED).value, "money", currency).text} came to the bank in ${DAYS} days`;
  return [
    {
      kind: "chart",
      title,
      alt: `Cleared net revenue by day, ${rangeText(query.window)}, over that of the ${DAYS} days before. ${title}.`,
      spec: {
        form: "area_and_bar",
        x: { title: "Day", kind: "day" },
        y: { title: `${currency} by the day of the payout`, format: "~s" },
        series: [
          {
            name: `These ${DAYS} days`,
            mark: "bar",
            points: series.map(({ key, values }) => ({ x: key, y: pointOf(facts, values, CLEARED) })),
          },
          { name: `The ${DAYS} days before`, mark: "line", points: before },
        ],
      },
    },
    {
      ...metricTable(facts, {
        title: `Cleared net revenue by who paid it, ${rangeText(query.window)}`,
        head: "Paid by",
        columns: [{ metric: CLEARED }],
        result: payers,
        total: "All payouts",
        note: "Days without a payout are zero; the newest seven may still be told.",
      }),
    },
    dayTable(facts),
  ];
}

function dayTable(facts: Facts): BlockOf<"table"> {
  const { query, series, totals } = facts.result("ledger_days");
  const row = (name: TableCell, values: BreakdownRow["values"]): readonly TableCell[] => [
    name,
    cellOf(facts, values, CLEARED),
    changeCell(comparedOf(values, CLEARED), facts.metric(CLEARED)),
  ];
  return {
    kind: "table",
    title: `Cleared net revenue by day, ${rangeText(query.window)}`,
    columns: [
      { id: "day", title: "Day", align: "left" },
      { id: "cleared", title: facts.metric(CLEARED).title, align: "right" },
      { id: "change", title: `Against ${DAYS} days before`, align: "right" },
    ],
    rows: series.map(({ key, values }) => row(textCell(dayText(key), key), values)),
    totals: row(textCell("All days"), totals),
  };
}

const words = (code: string) => {
  const text = code.toLowerCase().replaceAll("_", " ");
  return text.slice(0, 1).toUpperCase() + text.slice(1);
};

function balance({ balance: entries }: LedgerPage): BlockOf<"table"> {
  const lines = [...new Map(entries.map(({ currency, kind }) => [`${currency} ${kind}`, { currency, kind }])).values()];
  return {
    kind: "table",
    title: "Entries by kind and state",
    columns: [
      { id: "kind", title: "Kind", align: "left" },
      { id: "currency", title: "Currency", align: "left", filter: true },
      ...LEDGER_STATES.flatMap((state) => [{ id: state.toLowerCase(), title: words(state), align: "right" as const }]),
    ],
    rows: lines.map(({ currency, kind }) => [
      textCell(words(kind)),
      textCell(currency),
      ...LEDGER_STATES.map((state) => {
        const found = entries.find((one) => one.currency === currency && one.kind === kind && one.state === state);
        return found === undefined ? textCell("—", null) : moneyCell(found.cents, currency);
      }),
    ]),
    note: "Cleared is what a payout holds, whatever the shop calls paid. A sale that was paid back or lost in a dispute is refunded; the money that went back is an entry of its own.",
  };
}

function payouts({ payouts: list, counted }: LedgerPage): BlockOf<"table"> {
  const right = "right" as const;
  const part = (cents: number, { currency }: LedgerPayout) =>
    cents === 0 ? textCell("—", 0) : moneyCell(cents, currency);
  const hasConvention = list.some(({ namesTransactions }) => !namesTransactions);
  const rest = counted.all - list.length;
  return {
    kind: "table",
    title: "What payouts hold",
    columns: [
      { id: "day", title: "Paid", align: "left" },
      { id: "payout", title: "Payout", align: "left" },
      { id: "amount", title: "Amount", align: right },
      { id: "sales", title: "Sales", align: right },
      { id: "refunds", title: "Refunds", align: right },
      { id: "fees", title: "Fees", align: right },
      { id: "disputes", title: "Disputes", align: right },
      { id: "other", title: "Other", align: right },
      { id: "unexplained", title: "Rest", align: right },
    ],
    rows: list.map((one) => [
      textCell(dayText(one.day), one.day),
      { ...textCell(`${payoutText(one)}${one.namesTransactions ? "" : " *"}`, one.id), exact: one.id },
      moneyCell(one.cents, one.currency),
      ...[one.sales, one.refunds, one.fees, one.disputes, one.other].map((cents) => part(cents, one)),
      one.unexplained === 0 ? part(0, one) : { ...moneyCell(one.unexplained, one.currency), tone: "bad" as const },
    ]),
    note: [
      "Amount = sales + refunds + fees + disputes + other + rest. Other: adjustments, and sales of orders that nobody knows. Rest: what nothing explains.",
      ...(hasConvention ? ["* names no transaction: the oldest entries of its payer were taken as paid."] : []),
      ...(rest > 0
        ? [`${plural(rest, "older payout")} not shown: growthos ledger --payouts ${Math.min(counted.all, 1000)}.`]
        : []),
    ].join(" "),
  };
}

/** `stripe:po_1OaB2cXyz…` as words, its end alone where it is long, so that a sheet holds the table; copies have all of it. */
function payoutText({ id, payer }: LedgerPayout): string {
  const name = id.startsWith(`${payer}:`) ? id.slice(payer.length + 1) : id;
  return label(`${words(payer)} ${name.length > LONGEST_NAME ? `…${name.slice(-LONGEST_NAME)}` : name}`);
}

function waiting({ waiting: list }: LedgerPage): readonly Block[] {
  if (list.length === 0) return prose("Nothing waits: payouts hold every entry.");
  return [
    {
      kind: "table",
      title: "The oldest that no payout holds yet",
      columns: [
        { id: "day", title: "Day", align: "left" },
        { id: "kind", title: "Kind", align: "left" },
        { id: "order", title: "Order", align: "left" },
        { id: "amount", title: "Amount", align: "right" },
        { id: "days", title: "Days waiting", align: "right" },
      ],
      rows: list.map((one) => [
        textCell(dayText(one.day), one.day),
        textCell(words(one.kind)),
        textCell(label(one.order ?? one.id)),
        moneyCell(one.cents, one.currency),
        textCell(String(one.days), one.days),
      ]),
      note: "What waits for weeks was paid in another way, or its payout was not told: growthos ledger --state pending.",
    },
  ];
}

function moves({ moves: list }: LedgerPage): readonly Block[] {
  if (list.length === 0) return prose("No entry has changed its state yet.");
  return [
    {
      kind: "table",
      title: "The newest changes of state",
      columns: [
        { id: "day", title: "Day", align: "left" },
        { id: "state", title: "Became", align: "left", filter: true },
        { id: "because", title: "Because", align: "left" },
        { id: "entries", title: "Entries", align: "right" },
        { id: "amount", title: "Amount", align: "right" },
      ],
      rows: list.map((one) => [
        textCell(dayText(one.day), one.day),
        textCell(words(one.state)),
        textCell(label(one.order === null ? one.reason : `${one.reason} (${one.order})`)),
        textCell(String(one.entries), one.entries),
        moneyCell(one.cents, one.currency),
      ]),
      note: "By when it happened, not by when it was told. One order: growthos ledger --order 1001.",
    },
  ];
}

/** The catalogue: what sold most first, what did not sell behind it. */
function goods(facts: Facts, { skus, skusWithoutCost }: LedgerPage): readonly Block[] {
  const { rows, query } = facts.result("ledger_goods");
  const places = new Map(rows.map((row, index) => [row.key, { values: row.values, index }]));
  const place = ({ key }: Sku) => places.get(key)?.index ?? Number.POSITIVE_INFINITY;
  const sorted = [...skus].sort((a, b) => {
    const [left, right] = [place(a), place(b)];
    return left === right ? (a.key < b.key ? -1 : 1) : left - right;
  });
  if (sorted.length === 0)
    return [heading("goods", "What goods cost"), ...prose("The catalogue has not landed: no product is known.")];
  const shown = sorted.slice(0, SKUS_SHOWN);
  const left = sorted.length - shown.length;
  const right = "right" as const;
  return [
    heading("goods", "What goods cost"),
    ...prose(costsSentence(skus.length, skusWithoutCost)),
    {
      kind: "table",
      title: `Catalogue with costs; sold ${rangeText(query.window)}`,
      columns: [
        { id: "name", title: "Product", align: "left" },
        { id: "sku", title: "SKU", align: "left" },
        { id: "price", title: "Price", align: right },
        { id: "cost", title: "Unit cost", align: right },
        { id: "margin", title: "Margin", align: right },
        { id: "missing", title: "Costs", align: "left", filter: true },
        ...SOLD.map((id) => ({ id, title: facts.metric(id).title, align: right })),
      ],
      rows: shown.map((sku) => [
        textCell(label(sku.name)),
        textCell(sku.sku === null ? "—" : label(sku.sku)),
        ...[sku.price, sku.unitCost, sku.margin].map((cents) =>
          moneyCell(cents, sku.currency ?? facts.context.currency),
        ),
        textCell(sku.hasMissingCosts ? "missing" : "known"),
        ...soldCells(facts, places.get(sku.key)?.values),
      ]),
      note: `Margin is the list price less the unit cost. Profit is before returns; where the unit cost is missing it rests on the margin of the category.${left === 0 ? "" : ` ${plural(left, "product")} that sold less ${left === 1 ? "is" : "are"} not shown.`}`,
    },
  ];
}

function costsSentence(all: number, missing: number): string {
  if (missing === 0) return `The unit cost of ${all === 1 ? "the one product" : `all ${all} products`} is known.`;
  return `${missing} of ${plural(all, "product")} ${missing === 1 ? "has" : "have"} no unit cost: enter it in the shop, as cost per item.`;
}

/** What was not sold in these days has no row. */
function soldCells(facts: Facts, values: BreakdownRow["values"] | undefined): readonly TableCell[] {
  return SOLD.map((id) =>
    values === undefined
      ? textCell("—", null)
      : valueCell(comparedOf(values, id).value, facts.metric(id).unit, facts.context.currency),
  );
}
