/** The way from a visit to a purchase as a block, with the step at which most are lost. */

import type { MetricId, MetricValue, QueryResult } from "../metrics/types.js";
import { NOT_ASKED } from "../metrics/values.js";
import type { FunnelBlock, FunnelStep } from "./block-types/funnel.js";
import { figure } from "./figures.js";
import type { Facts } from "./types.js";

/** A step: its count, and the share of the step before that comes on to it; null for the first. */
export interface FunnelMetrics {
  readonly metric: MetricId;
  readonly label: string;
  readonly rate: MetricId | null;
}

/** The steps in their order. Counts and rates are the analytics tool's own. */
export const FUNNEL_STEPS: readonly FunnelMetrics[] = [
  { metric: "sessions", label: "Sessions", rate: null },
  { metric: "product_views", label: "Product views", rate: "product_view_rate" },
  { metric: "add_to_carts", label: "Adds to cart", rate: "add_to_cart_rate" },
  { metric: "checkouts", label: "Checkouts", rate: "checkout_rate" },
  { metric: "purchases", label: "Purchases", rate: "purchase_rate" },
];

/** What a page has to read for `funnelBlock`. */
export const FUNNEL_METRICS: readonly MetricId[] = FUNNEL_STEPS.flatMap(({ metric, rate }) =>
  rate === null ? [metric] : [metric, rate],
);

/** The funnel of a window, by the totals or the values of a row. */
export function funnelBlock(facts: Pick<Facts, "context">, values: QueryResult["totals"]): FunnelBlock {
  const valueAt = (id: MetricId): MetricValue => values[id]?.value ?? NOT_ASKED;
  const leak = largestDrop(values);
  const steps = FUNNEL_STEPS.map(({ metric, label, rate }): FunnelStep => {
    const value = valueAt(metric);
    return {
      label,
      value: value.status === "ok" ? value.value : null,
      figure: figure(value, "count", facts.context.currency),
      passed: rate === null ? null : figure(valueAt(rate), "ratio", facts.context.currency),
      ...(leak?.metric === metric ? { tag: "Largest drop" } : {}),
    };
  });
  const title = titleOf(leak, steps);
  const counts = steps.map((step) => `${step.label} ${step.figure.text}`).join(", ");
  return { kind: "funnel", title, alt: `${title}. ${counts}.`, steps };
}

/** The step to which the smallest share came on; the first of equals. Null when no rate is known or nobody was lost. */
export function largestDrop(values: QueryResult["totals"]): FunnelMetrics | null {
  let found: { readonly step: FunnelMetrics; readonly passed: number } | null = null;
  for (const step of FUNNEL_STEPS) {
    const rate = step.rate === null ? null : values[step.rate]?.value;
    if (rate?.status !== "ok" || rate.value >= 1) continue;
    if (found === null || rate.value < found.passed) found = { step, passed: rate.value };
  }
  return found?.step ?? null;
}

function titleOf(leak: FunnelMetrics | null, steps: readonly FunnelStep[]): string {
  if (leak === null) {
    const reason = steps.find(({ figure: { note } }) => note !== null && note !== "")?.figure.note;
    return reason === undefined || reason === null
      ? "No step of the funnel loses anybody"
      : `The funnel is not known: ${reason}`;
  }
  const at = FUNNEL_STEPS.indexOf(leak);
  const [before, step] = [steps[at - 1], steps[at]];
  return `Largest drop: ${step?.passed?.text ?? ""} of ${(before?.label ?? "").toLowerCase()} become ${leak.label.toLowerCase()}`;
}
