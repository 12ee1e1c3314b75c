/** From gross sales to what is left after ads, line by line: the ladder of the P&L and of unit economics. */
import type { MetricId } from "../metrics/types.js";

/** A line of the ladder. */
export interface LadderLine {
  readonly metric: MetricId;
  /** In a statement, and under a bar. */
  readonly label: string;
  readonly short: string;
  /** `total`: what is there by then; otherwise what is added (1) or taken off (-1). */
  readonly sign: 1 | -1 | "total";
}

/** The lines in order; each total is the one before it with the lines between them. */
export const LADDER: readonly LadderLine[] = [
  { metric: "gross_revenue", label: "Gross sales", short: "Gross", sign: "total" },
  { metric: "discounts", label: "Discounts", short: "Discounts", sign: -1 },
  { metric: "returns", label: "Returns", short: "Returns", sign: -1 },
  { metric: "net_revenue", label: "Net revenue", short: "Net", sign: "total" },
  { metric: "cogs", label: "Cost of goods sold", short: "Goods", sign: -1 },
  { metric: "cogs_returned", label: "Cost of goods returned", short: "Goods back", sign: 1 },
  { metric: "gross_profit", label: "Gross profit", short: "Gross profit", sign: "total" },
  { metric: "shipping_cost", label: "Shipping", short: "Shipping", sign: -1 },
  { metric: "ops_cost", label: "Operations", short: "Operations", sign: -1 },
  { metric: "payment_fees", label: "Payment fees", short: "Fees", sign: -1 },
  { metric: "contribution_margin", label: "Contribution margin", short: "Contribution", sign: "total" },
  { metric: "spend", label: "Ad spend", short: "Ads", sign: -1 },
  { metric: "channel_profit", label: "Contribution after ads", short: "After ads", sign: "total" },
];

/** The ladder down to what is left after the costs that were entered: the whole statement. */
export const STATEMENT: readonly LadderLine[] = [
  ...LADDER,
  { metric: "entered_costs", label: "Other costs", short: "Other costs", sign: -1 },
  { metric: "operating_profit", label: "Profit after other costs", short: "Profit", sign: "total" },
];

/** What the ladder asks for. */
export const LADDER_METRICS: readonly MetricId[] = LADDER.map(({ metric }) => metric);

/** A line as a statement prints it: what is taken off says so. */
export function lineText({ label, sign }: LadderLine): string {
  return sign === -1 ? `− ${label}` : sign === 1 ? `+ ${label}` : label;
}
