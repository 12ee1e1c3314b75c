import type { Measure, MetricDef } from "../types.js";

/** The rows that say what last touch says: one per order, of those that have a touch. */
const LAST_TOUCH = {
  mart: "fact_attribution",
  where: ["is_last_touch", "is_attributed"],
} as const satisfies Omit<Measure, "sum">;

/** What journeys say of orders, by last touch; the other models are in `growthos attribution` and on its page. */
export const ATTRIBUTED: readonly MetricDef[] = [
  {
    id: "attributed_revenue",
    title: "Attributed revenue",
    description:
      "Revenue of orders after their returns, by the last visit that led to them; orders that nobody saw coming are left out.",
    aliases: ["last_touch_revenue"],
    formula: "sum of revenue of orders with a touch, after their returns",
    unit: "money",
    better: "up",
    source: "D-47, D-48",
    disputed:
      "net revenue counts a return on its own day; here it counts with its order, and another model gives other channels",
    kind: "measure",
    measure: { ...LAST_TOUCH, sum: "net_cents" },
  },
  {
    id: "attributed_orders",
    title: "Attributed orders",
    description: "Orders by the last visit that led to them; orders that nobody saw coming are left out.",
    aliases: ["last_touch_orders"],
    formula: "number of orders with a touch",
    unit: "count",
    better: "up",
    source: "D-47, D-48",
    kind: "measure",
    measure: { ...LAST_TOUCH, sum: "*" },
  },
  {
    id: "attributed_roas",
    title: "Attributed ROAS",
    description: "Attributed revenue per unit of ad spend; ask for it by channel, campaign, ad set or ad.",
    aliases: ["last_touch_roas"],
    formula: "attributed revenue / spend",
    unit: "multiple",
    better: "up",
    source: "ROAS on the shop's own journeys (D-48)",
    disputed:
      "ad platforms divide the revenue that they claim (platform_roas); over all channels it holds visits that no ad led to",
    kind: "ratio",
    over: "attributed_revenue",
    under: "spend",
  },
  {
    id: "attributed_cost_per_order",
    title: "Cost per attributed order",
    description: "Ad spend per attributed order; ask for it by channel, campaign, ad set or ad.",
    aliases: ["attributed_cpo", "attributed_cpa"],
    formula: "spend / attributed orders",
    unit: "money",
    better: "down",
    source: "cost per order on the shop's own journeys (D-48)",
    disputed: "ad platforms divide by the conversions that they claim (cpa)",
    kind: "ratio",
    over: "spend",
    under: "attributed_orders",
    overNotZero: true,
  },
];
