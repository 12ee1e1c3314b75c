import type { Compared, MetricDef, MetricId } from "./types.js";

/** How a metric's change becomes money. */
interface Effect {
  /** The change times this metric's value now (a CAC's rise times the new customers). */
  readonly times?: MetricId;
  /** The relative change of this metric's value before (a conversion rate's fall of the revenue). */
  readonly of?: MetricId;
}

/** Sums of money are their own effect; metrics that are neither here nor money have none. */
const EFFECTS: Readonly<Record<MetricId, Effect>> = {
  orders: { of: "net_revenue" },
  units: { of: "net_revenue" },
  sessions: { of: "net_revenue" },
  cvr: { of: "net_revenue" },
  product_view_rate: { of: "net_revenue" },
  add_to_cart_rate: { of: "net_revenue" },
  checkout_rate: { of: "net_revenue" },
  purchase_rate: { of: "net_revenue" },
  aov: { times: "orders" },
  revenue_per_session: { times: "sessions" },
  blended_cac: { times: "new_customers" },
  mer: { times: "spend" },
  roas: { times: "spend" },
  contribution_margin_pct: { times: "net_revenue" },
  gross_margin: { times: "net_revenue" },
  refund_rate: { times: "net_order_revenue" },
};

/** What must be asked beside a metric so that `moneyOfChange` can tell. */
export function metricsForMoney(id: MetricId): readonly MetricId[] {
  const effect = EFFECTS[id];
  return [effect?.times, effect?.of].filter((metric) => metric !== undefined);
}

/**
 * The money that a change stands for over the window, in minor units: negative is lost, against the same window before. Everything
 * else as it was, so it is a size, not a forecast. Null when a figure is unknown or the metric has no price.
 */
export function moneyOfChange(metric: MetricDef, values: Readonly<Record<MetricId, Compared>>): number | null {
  const own = values[metric.id];
  if (own?.value.status !== "ok" || own.previous?.status !== "ok") return null;
  const change = own.value.value - own.previous.value;
  const sign = metric.better === "down" || metric.id === "spend" ? -1 : 1;
  const effect = EFFECTS[metric.id];
  if (effect === undefined) {
    const isSum = metric.unit === "money" && (metric.kind === "measure" || metric.kind === "total");
    return isSum ? sign * change : null;
  }
  if (effect.of !== undefined) {
    const before = values[effect.of]?.previous;
    return own.change?.status === "ok" && before?.status === "ok"
      ? Math.round(sign * own.change.value * before.value)
      : null;
  }
  const factor = values[effect.times ?? ""]?.value;
  return factor?.status === "ok" ? Math.round(sign * change * factor.value) : null;
}
