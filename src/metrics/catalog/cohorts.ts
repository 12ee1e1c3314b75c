import type { MetricDef } from "../types.js";

/**
 * Customers by the month of their first order. A window asks for the cohort months that begin in it; only customers whose
 * own clock has run long enough are counted, above and below the line.
 */
export const COHORTS: readonly MetricDef[] = [
  {
    id: "cohort_size",
    title: "Cohort size",
    description: "Customers whose first order falls into the cohort month.",
    aliases: ["cohortSize", "cohort_customers"],
    formula: "count of customers by month of first order",
    unit: "count",
    better: "up",
    source: "cohort table of the seed set",
    kind: "cohort",
    over: "cohort_size",
    matureAfterDays: 0,
  },
  {
    id: "cohort_cac",
    title: "Cohort CAC",
    description: "Ad spend of the cohort month per customer of the cohort.",
    aliases: ["avg_cac", "avgCac"],
    formula: "spend of the month / cohort size",
    unit: "money",
    better: "down",
    source: "cohort table of the seed set",
    kind: "cohort",
    over: "spend_cents",
    under: "cohort_size",
    matureAfterDays: 0,
  },
  ...[7, 30, 60, 90].map(retention),
  ...[30, 60, 90, 180, 365].map(lifetimeValue),
];

function retention(days: number): MetricDef {
  return {
    id: `retention_d${days}`,
    title: `D${days} retention`,
    description: `Customers who ordered again within ${days} days of their first order, of those who have had ${days} days.`,
    aliases: days === 30 ? ["retentionD30", "retentionRate", "retention"] : [`retentionD${days}`],
    formula: `customers with a second order within ${days} days / customers at least ${days} days old`,
    unit: "ratio",
    better: "up",
    source: "KPI 11 of the seed set; people, not orders",
    kind: "cohort",
    over: `retained_${days}d`,
    under: `matured_${days}d`,
    matureAfterDays: days,
  };
}

function lifetimeValue(days: number): MetricDef {
  return {
    id: `ltv_${days}`,
    title: `LTV ${days}`,
    description: `Net revenue per customer within ${days} days of the first order, the first order included.`,
    aliases: [`ltv${days}`, `ltv_d${days}`],
    formula: `net revenue within ${days} days / customers at least ${days} days old`,
    unit: "money",
    better: "up",
    source: "KPI 9 of the seed set; each customer's own clock",
    kind: "cohort",
    over: `net_${days}d_cents`,
    under: `matured_${days}d`,
    matureAfterDays: days,
  };
}
