/** What customers are expected to bring: the part of the page on cohorts that a model says (D-58). */
import type { Holdout, LifetimeGroup, LifetimeValue } from "../metrics/lifetime-value.js";
import type { Unit } from "../metrics/types.js";
import { moneyText, textCell, valueCell } from "./figures.js";
import { plural } from "./narrative.js";
import { label, monthText } from "./text.js";
import type { Block, Facts, TableCell } from "./types.js";

type Known = Extract<LifetimeValue, { readonly status: "ok" }>;

/** A heading with what is expected by cohort and channel, and how the model did on days held out; or why nothing is. */
export function lifetimeBlocks(facts: Facts): readonly Block[] {
  const { lifetime } = facts;
  if (lifetime === null) return [];
  const heading = { kind: "heading", id: "expected", text: "What they are expected to bring" } as const;
  if (lifetime.status === "refused") {
    const paragraphs = [`Nothing is expected of the next twelve months: ${lifetime.detail}.`];
    return [heading, { kind: "prose", paragraphs }];
  }
  const { currency } = facts.context;
  return [
    heading,
    { kind: "prose", paragraphs: [sentence(lifetime, currency), ...missing(lifetime)] },
    ...(lifetime.holdout === null ? [] : [holdoutChart(lifetime.holdout)]),
    groups("Month of the first order", lifetime.cohorts.map(named), { currency, total: lifetime.total }),
    groups("Channel of the first order", lifetime.channels, { currency }),
  ];
}

function sentence({ total }: Known, currency: string): string {
  const money = (value: number) => moneyText(value, currency);
  const band = total.band === null ? "" : ` (80 %: ${money(total.band.low)} to ${money(total.band.high)})`;
  return (
    `${plural(total.customers, "customer")} are expected to bring ${money(total.expectedValue)} of net revenue within twelve months${band}, ` +
    `which makes ${money(total.lifetimeEach)} each with what they have brought.`
  );
}

function missing({ holdoutMissing }: Known): readonly string[] {
  return holdoutMissing === null ? [] : [`There is no band: ${holdoutMissing}.`];
}

/** The model of the time before, asked for the days that were held out. */
function holdoutChart({ days, rows, error }: Holdout): Block {
  const name = (repeats: number) => (repeats === 7 ? "7 and more" : String(repeats));
  const off = valueCell({ status: "ok", value: error }, "ratio", "").text;
  const title = `Of the last ${days} days, held out, orders came ${error < 0 ? `${off.replace("−", "")} below` : `${off} above`} what was expected`;
  return {
    kind: "chart",
    title,
    alt: `${title}. Orders expected and orders that came, by how often customers had come back before.`,
    spec: {
      form: "area_and_bar",
      x: { title: "How often they had come back", kind: "category" },
      y: { title: "Orders, by how often they had come back", format: "~s" },
      series: [
        { name: "Expected", mark: "line", points: rows.map((row) => ({ x: name(row.repeats), y: row.expected })) },
        { name: "Came", mark: "bar", points: rows.map((row) => ({ x: name(row.repeats), y: row.actual })) },
      ],
    },
  };
}

function named(cohort: LifetimeGroup): LifetimeGroup {
  return { ...cohort, label: monthText(cohort.key) };
}

function groups(
  by: string,
  rows: readonly LifetimeGroup[],
  { currency, total }: { readonly currency: string; readonly total?: LifetimeGroup },
): Block {
  const cell = (value: number, unit: Unit) => valueCell({ status: "ok", value }, unit, currency);
  const between = (band: LifetimeGroup["band"]): TableCell =>
    band === null
      ? { text: "n/a", sort: null, note: "nothing could be held out" }
      : textCell(`${moneyText(band.low, currency)} – ${moneyText(band.high, currency)}`, band.low);
  const cells = (group: LifetimeGroup): readonly TableCell[] => [
    textCell(label(group.label), group.key),
    cell(group.customers, "count"),
    cell(group.alive, "count"),
    cell(group.expectedOrders, "count"),
    cell(group.expectedValue, "money"),
    between(group.band),
    cell(group.lifetimeEach, "money"),
    between(group.lifetimeBand),
  ];
  return {
    kind: "table",
    title: `Expected by ${by.toLowerCase()}`,
    columns: [
      { id: "group", title: by, align: "left" },
      { id: "customers", title: "Customers", align: "right" },
      { id: "alive", title: "Still buying", align: "right" },
      { id: "orders", title: "Orders to come", align: "right" },
      { id: "value", title: "Value to come", align: "right" },
      { id: "band", title: "80 % between", align: "right" },
      { id: "lifetime", title: "Lifetime, each", align: "right" },
      { id: "lifetime_band", title: "80 % between", align: "right" },
    ],
    rows: rows.map(cells),
    ...(total === undefined ? {} : { totals: cells(total) }),
    note: "To come: within twelve months, by the BG/NBD and Gamma-Gamma models of the shop's own orders; net revenue, neither discounted nor less costs. Still buying: the expected number of those who have not stopped.",
  };
}
