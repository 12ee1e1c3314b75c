/** Retention and lifetime value by month of the first order, shaded by column. */
import type { BreakdownRow, Compared, MetricId } from "../metrics/types.js";
import { heatColumns, textCell, valueCell } from "./figures.js";
import { monthText } from "./text.js";
import type { Block, BlockOf, Facts, TableCell } from "./types.js";

/** The table, or a sentence that there is none yet. Reads the result `cohorts`: `COHORT_COLUMNS` by month. */
export function cohortBlocks(facts: Facts): readonly Block[] {
  // Months before the shop's first customer say nothing.
  const { series } = facts.result("cohorts");
  const first = series.findIndex((month) => isPositive(cell(month.values, "cohort_size").value));
  if (first < 0) return [{ kind: "prose", paragraphs: ["There is no cohort yet: no customer has ordered."] }];
  const table: BlockOf<"table"> = {
    kind: "table",
    title: "Retention and lifetime value by month of the first order",
    columns: [
      { id: "month", title: "First order", align: "left" },
      ...COHORT_COLUMNS.map(([id, title]) => ({ id, title, align: "right" as const })),
    ],
    rows: heatColumns(
      series.slice(first).map((month) => cohortRow(facts, month)),
      RETENTION_AND_LTV,
    ),
    note: "Each customer counts from the day of the first order; who is younger than the period is left out. LTV is net revenue per customer, the first order included.",
  };
  return [table];
}

/** The columns of the table, by metric. */
export const COHORT_COLUMNS: readonly (readonly [MetricId, string])[] = [
  ["cohort_size", "Customers"],
  ["cohort_cac", "CAC"],
  ["retention_d7", "Back in 7 d"],
  ["retention_d30", "Back in 30 d"],
  ["retention_d60", "Back in 60 d"],
  ["retention_d90", "Back in 90 d"],
  ["ltv_30", "LTV 30 d"],
  ["ltv_60", "LTV 60 d"],
  ["ltv_90", "LTV 90 d"],
  ["ltv_180", "LTV 180 d"],
];
/** Cohort metrics whose customers mature one by one; the spend behind CAC is provisional for another reason. */
const PARTIAL = /^(retention|ltv)_/;
const RETENTION_AND_LTV = [3, 4, 5, 6, 7, 8, 9, 10];

function cohortRow(facts: Facts, month: BreakdownRow): readonly TableCell[] {
  return [
    textCell(monthText(month.key), month.key),
    ...COHORT_COLUMNS.map(([id]) => {
      const { value } = cell(month.values, id);
      if (value.status === "unknown" && value.because === "too_young") return { text: "too young", sort: null };
      const shown = valueCell(value, facts.metric(id).unit, facts.context.currency);
      const isPartial = value.status === "ok" && value.provisional === true && PARTIAL.test(id);
      return isPartial ? { ...shown, note: "a part of these customers is still too young and left out" } : shown;
    }),
  ];
}

function isPositive(value: Compared["value"]): boolean {
  return value.status === "ok" && value.value > 0;
}

const MISSING = { status: "unknown", because: "no_data", detail: "nothing was asked for" } as const;

function cell(values: Readonly<Record<MetricId, Compared>>, id: MetricId): Compared {
  return values[id] ?? { value: MISSING };
}
