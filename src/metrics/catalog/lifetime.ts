import type { MetricDef } from "../types.js";

const DISPUTED =
  "the seed set took LTV 180 where there was one, else LTV 90, and a blended CAC where a month had none; some take margin instead of revenue";

/** What a customer brings against what winning one costs. Cohort figures are those of the months that begin in the window. */
export const LIFETIME: readonly MetricDef[] = [
  ...[90, 180, 365].map(lifetimeToCost),
  {
    id: "contribution_ltv_30",
    title: "Contribution LTV 30",
    description: "What a customer leaves within 30 days of the first order, after goods, fulfilment, fees and returns.",
    aliases: ["contributionLtv30", "margin_ltv_30"],
    formula: "contribution within 30 days / customers at least 30 days old",
    unit: "money",
    better: "up",
    source: "part of KPI 10 of the seed set; the margin is the cohort's own",
    kind: "cohort",
    over: "contribution_30d_cents",
    under: "matured_30d",
    matureAfterDays: 30,
  },
  {
    id: "payback_days",
    title: "Payback",
    description: "Days until a customer has earned back what winning one cost, at the pace of the first 30 days.",
    aliases: ["paybackDays", "payback", "payback_period"],
    formula: "cohort CAC / (contribution LTV 30 / 30)",
    unit: "days",
    better: "down",
    source: "KPI 10 of the seed set; on target up to 90 days",
    disputed: "some divide by revenue instead of margin; the first seed took a margin of 35 % for every shop",
    kind: "ratio",
    over: "cohort_cac",
    under: "contribution_ltv_30",
    times: 30,
    overNotZero: true,
  },
];

function lifetimeToCost(days: number): MetricDef {
  return {
    id: days === 90 ? "ltv_cac" : `ltv_cac_${days}`,
    title: `LTV ${days} : CAC`,
    description: `Net revenue per customer within ${days} days, per unit of what winning one cost.`,
    aliases: days === 90 ? ["ltvCacRatio", "ltv_cac_90", "ltv_to_cac"] : [`ltv_to_cac_${days}`],
    formula: `LTV ${days} / cohort CAC`,
    unit: "multiple",
    better: "up",
    source: "unit economics of the seed set: healthy from 3, to be watched from 2",
    ...(days === 90 ? { disputed: DISPUTED } : {}),
    kind: "ratio",
    over: `ltv_${days}`,
    under: "cohort_cac",
  };
}
