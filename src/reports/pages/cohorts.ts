/** Customers by the month and the week of their first order: who comes back, what they bring, what winning them costs. */
import { addDays, addMonths, isoDate } from "../../base/dates.js";
import { bucketStart, monthStart } from "../../metrics/calendar.js";
import type { BreakdownRow, MetricId, QueryResult } from "../../metrics/types.js";
import { heatColumns, textCell } from "../figures.js";
import { lifetimeBlocks } from "../lifetime.js";
import { plural } from "../narrative.js";
import { cellOf, comparedOf, figureOf, plainCard, pointOf, valueIn } from "../read-values.js";
import { definitions, stamps } from "../stamps.js";
import { dayText, monthText, rangeText } from "../text.js";
import type { Block, BlockOf, Facts, ReportPage, TableCell } from "../types.js";

const MONTHS_SHOWN = 12;
const WEEKS_SHOWN = 26;
/** Curves of one chart: all cohorts together, and the newest that are old enough. */
const CURVES = 4;

const RETENTION: readonly (readonly [MetricId, string])[] = [7, 30, 60, 90].map((days) => [
  `retention_d${days}`,
  `${days} d`,
]);
const LTV: readonly (readonly [MetricId, string])[] = [30, 60, 90, 180, 365].map((days) => [
  `ltv_${days}`,
  `${days} d`,
]);

const COLUMNS: readonly (readonly [MetricId, string])[] = [
  ["cohort_size", "Customers"],
  ["cohort_cac", "CAC"],
  ...RETENTION.map(([id, days]) => [id, `D${days.slice(0, -2)}`] as const),
  ...LTV.map(([id, days]) => [id, `LTV ${days.slice(0, -2)}`] as const),
  ["ltv_cac", "LTV : CAC"],
  ["payback_days", "Payback"],
];
const METRICS = COLUMNS.map(([id]) => id);
const CARDS = [
  "cohort_size",
  "cohort_cac",
  "retention_d30",
  "retention_d90",
  "ltv_90",
  "ltv_180",
  "ltv_cac",
  "payback_days",
];
/** Shaded columns, by their place behind the cohort's name. */
const SHADED = COLUMNS.flatMap(([id], index) => (/^(retention|ltv)_/.test(id) ? [index + 1] : []));
/** Customers mature one by one: until all have, a figure of these is of a part of the cohort. */
const MATURING = /^(retention|ltv)_|^payback/;

/** Retention, lifetime value, CAC and payback, by month and by week. */
export const cohorts: ReportPage = {
  id: "cohorts",
  title: "Cohorts",
  reads: ({ lastCompleteDay: to }, { weekEndsOn }) => ({
    cohorts_months: {
      metrics: METRICS,
      window: { from: addMonths(monthStart(to), 1 - MONTHS_SHOWN), to },
      grain: "month",
    },
    cohorts_weeks: {
      metrics: METRICS,
      window: { from: addDays(bucketStart(to, "week", weekEndsOn), 7 * (1 - WEEKS_SHOWN)), to },
      grain: "week",
    },
  }),
  build: (facts) => {
    const months = facts.result("cohorts_months");
    return {
      schemaVersion: 1,
      id: cohorts.id,
      title: cohorts.title,
      subtitle: `Customers by their first order, up to ${dayText(facts.context.lastCompleteDay)}`,
      context: facts.context,
      blocks: [
        { kind: "prose", paragraphs: [leadOf(facts, grown(months))], lead: true },
        ...(grown(months).length === 0 ? [] : monthly(facts, months)),
        ...weekly(facts, facts.result("cohorts_weeks")),
        ...lifetimeBlocks(facts),
        { kind: "heading", id: "definitions", text: "Definitions" },
        definitions(METRICS.map(facts.metric)),
      ],
      stamps: stamps(facts),
    };
  },
};

/** The cohorts from the first one that has customers: months before the shop's first customer say nothing. */
function grown({ series }: QueryResult): readonly BreakdownRow[] {
  const first = series.findIndex(({ values }) => {
    const size = valueIn(values, "cohort_size");
    return size.status === "ok" && size.value > 0;
  });
  return first < 0 ? [] : series.slice(first);
}

/** What the newest cohort that had the time did, against all of them. */
function leadOf(facts: Facts, rows: readonly BreakdownRow[]): string {
  if (rows.length === 0) return "There is no cohort yet: no customer has ordered in the last twelve months.";
  const { totals } = facts.result("cohorts_months");
  const newest = rows.findLast(({ values }) => isWhole(values, "retention_d30"));
  if (newest === undefined) return "No cohort is 30 days old yet: who comes back cannot be told.";
  const text = (values: BreakdownRow["values"], id: MetricId) => figureOf(facts, values, id).text;
  return (
    `${text(newest.values, "retention_d30")} of the customers of ${monthText(newest.key)} came back within 30 days, against ` +
    `${text(totals, "retention_d30")} of all cohorts; a customer has brought ${text(totals, "ltv_90")} within 90 days and cost ${text(totals, "cohort_cac")} to win.`
  );
}

function isWhole(values: BreakdownRow["values"], id: MetricId): boolean {
  const value = valueIn(values, id);
  return value.status === "ok" && value.provisional !== true;
}

function monthly(facts: Facts, result: QueryResult): readonly Block[] {
  const rows = grown(result);
  return [
    { kind: "kpis", items: CARDS.map((id) => plainCard(facts, id, { totals: result.totals, series: rows })) },
    { kind: "heading", id: "retention", text: "Who comes back" },
    curves(facts, { rows, steps: RETENTION, unit: "% of the customers who ordered again", name: "Retention" }),
    { kind: "heading", id: "lifetime-value", text: "What a customer brings" },
    curves(facts, { rows, steps: LTV, unit: `${facts.context.currency} per customer`, name: "Lifetime value" }),
    { kind: "heading", id: "cost", text: "What winning a customer costs" },
    costs(facts, rows),
    { kind: "heading", id: "months", text: "By month" },
    tableOf(facts, result, { title: "Cohorts by month of the first order", name: (row) => monthText(row.key) }),
  ];
}

interface Curves {
  readonly rows: readonly BreakdownRow[];
  readonly steps: readonly (readonly [MetricId, string])[];
  readonly unit: string;
  readonly name: string;
}

/** One line per cohort, which ends where its customers are too young, and one for all. */
function curves(facts: Facts, { rows, steps, unit, name }: Curves): Block {
  const { totals } = facts.result("cohorts_months");
  const [first] = steps;
  const shown = rows
    .filter(({ values }) => first !== undefined && valueIn(values, first[0]).status === "ok")
    .slice(-CURVES);
  const points = (values: BreakdownRow["values"]) =>
    steps.map(([id, days]) => ({ x: days, y: pointOf(facts, values, id) }));
  const known = steps.filter(([id]) => valueIn(totals, id).status === "ok");
  const said = known.map(([id, days]) => `${figureOf(facts, totals, id).text} after ${days}`);
  const title = said.length === 0 ? `${name}: too young to tell` : `${name} of all cohorts: ${said.join(", ")}`;
  return {
    kind: "chart",
    title,
    alt: `${title}. Lines for all cohorts and ${shown.length === 0 ? "none by itself" : `those of ${shown.map(({ key }) => monthText(key)).join(", ")}`}; a line ends where the customers are too young.`,
    spec: {
      form: "line",
      x: { title: "Days since the first order", kind: "category" },
      y: { title: `${unit}, by days since the first order`, format: "~s" },
      series: [
        { name: "All cohorts", points: points(totals) },
        ...shown.map(({ key, values }) => ({ name: monthText(key), points: points(values) })),
      ],
    },
  };
}

function costs(facts: Facts, rows: readonly BreakdownRow[]): Block {
  const { totals } = facts.result("cohorts_months");
  const { currency } = facts.context;
  const points = (id: MetricId) =>
    rows.map(({ key, values }) => ({ x: monthText(key), y: pointOf(facts, values, id) }));
  const text = (id: MetricId) => figureOf(facts, totals, id).text;
  const title = `A customer costs ${text("cohort_cac")} and brings ${text("ltv_90")} within 90 days: ${text("ltv_cac")}; payback ${paybackText(facts, totals)}`;
  return {
    kind: "chart",
    title,
    alt: `CAC and LTV 90 of ${plural(rows.length, "monthly cohort")}. ${title}.`,
    spec: {
      form: "area_and_bar",
      x: { title: "Month of the first order", kind: "category" },
      y: { title: `${currency} per customer, by month of the first order`, format: "~s" },
      series: [
        { name: "LTV 90", mark: "line", points: points("ltv_90") },
        { name: "CAC", mark: "bar", points: points("cohort_cac") },
      ],
    },
  };
}

function paybackText(facts: Facts, totals: BreakdownRow["values"]): string {
  const { text, status } = figureOf(facts, totals, "payback_days");
  return status === "ok" || status === "provisional" ? `after ${text} days` : "cannot be told";
}

function weekly(facts: Facts, result: QueryResult): readonly Block[] {
  const rows = grown(result);
  if (rows.length === 0) return [];
  const name = ({ key }: BreakdownRow) => rangeText({ from: isoDate(key), to: addDays(isoDate(key), 6) });
  return [
    { kind: "heading", id: "weeks", text: "By week" },
    tableOf(facts, result, { title: "Cohorts by week of the first order", name }),
  ];
}

function tableOf(
  facts: Facts,
  result: QueryResult,
  { title, name }: { readonly title: string; readonly name: (row: BreakdownRow) => string },
): BlockOf<"table"> {
  const cells = (values: BreakdownRow["values"]) => METRICS.map((id) => cohortCell(facts, values, id));
  return {
    kind: "table",
    title,
    columns: [
      { id: "cohort", title: "First order", align: "left" },
      ...COLUMNS.map(([id, heading]) => ({ id, title: heading, align: "right" as const })),
    ],
    rows: heatColumns(
      grown(result).map((row) => [textCell(name(row), row.key), ...cells(row.values)]),
      SHADED,
    ),
    totals: [textCell("All"), ...cells(result.totals)],
    note: "D30: ordered again within 30 days; LTV 30: net revenue per customer within 30 days, the first order included; LTV : CAC takes LTV 90; payback is in days. Each customer counts from the day of the first order; who is younger than the period is left out, above and below the line. Payback is at the pace of the first 30 days.",
  };
}

/** A figure of a cohort: that nobody is old enough is said in its own cell, and is no zero. */
function cohortCell(facts: Facts, values: BreakdownRow["values"], id: MetricId): TableCell {
  const { value } = comparedOf(values, id);
  if (value.status === "unknown" && value.because === "too_young") return { text: "too young", sort: null };
  const shown = cellOf(facts, values, id);
  const isPartial = value.status === "ok" && value.provisional === true && MATURING.test(id);
  return isPartial ? { ...shown, note: "a part of these customers is still too young and left out" } : shown;
}
