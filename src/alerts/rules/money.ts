import type { AlertRule } from "../types.js";

const WEEK = { days: 7, against: "previous" } as const;
const DAY = { days: 1, against: "last_week" } as const;
const ONCE = "once";

/**
 * Revenue, margin, orders and customers. Thresholds of the mission's rules unless the comment says otherwise. `revenue_decline` and
 * `cac_increase` know no chance: the mission's examples of them lie within it (D-42).
 */
export const MONEY_RULES: readonly AlertRule[] = [
  {
    id: "revenue_decline",
    title: "Net revenue fell",
    scope: "shop",
    look: WEEK,
    about: "net_revenue",
    levels: {
      warning: { metric: "net_revenue", by: "relative", under: -0.1 },
      critical: { metric: "net_revenue", by: "relative", under: -0.2 },
    },
    minVolume: { metric: "orders", atLeast: 50 },
    repeat: ONCE,
    advice:
      "Find the step that broke first: sessions, conversion rate or order value; then check the site and the stock.",
  },
  {
    // Against the same weekday a week before: two neighbouring days differ by their weekday alone.
    id: "revenue_dip",
    title: "Net revenue of the last day fell",
    scope: "shop",
    look: DAY,
    about: "net_revenue",
    levels: { critical: { metric: "net_revenue", by: "relative", under: -0.2 } },
    minVolume: { metric: "orders", atLeast: 200 },
    // A fifth is beyond chance from some 720 orders a day on (3 × √(2 × 2 / 720) = 0.22); smaller days must fall further.
    chance: { kind: "sum", of: "orders" },
    repeat: ONCE,
    advice: "Place a test order now; look at payment errors, stock and the status of the shop's platform.",
  },
  {
    id: "no_orders",
    title: "There was no order at all",
    scope: "shop",
    look: DAY,
    about: "orders",
    levels: { warning: { metric: "orders", by: "level", under: 1 } },
    // From five expected orders on, a day without one happens by chance once in 150.
    minVolume: { metric: "orders", atLeast: 5 },
    repeat: "continuous",
    advice: "Place a test order; then check whether the orders arrive here: `growthos status`.",
  },
  {
    id: "cac_increase",
    title: "A new customer became more expensive",
    scope: "shop",
    look: WEEK,
    about: "blended_cac",
    levels: {
      warning: { metric: "blended_cac", by: "relative", over: 0.15 },
      critical: { metric: "blended_cac", by: "relative", over: 0.3 },
    },
    minVolume: { metric: "new_customers", atLeast: 30 },
    repeat: ONCE,
    advice: "Compare CAC by channel, pause the weakest campaigns and look for audience fatigue before moving budget.",
  },
  {
    id: "cm_decrease",
    title: "The contribution margin shrank",
    scope: "shop",
    look: WEEK,
    about: "contribution_margin_pct",
    levels: {
      warning: { metric: "contribution_margin_pct", by: "points", under: -0.03 },
      critical: { metric: "contribution_margin_pct", by: "points", under: -0.06 },
    },
    minVolume: { metric: "orders", atLeast: 50 },
    repeat: ONCE,
    advice: "Look at discounts, at the product mix and at shipping cost, in this order.",
  },
  {
    id: "new_customer_decline",
    title: "Fewer orders came from new customers",
    scope: "shop",
    look: WEEK,
    about: "new_customer_share",
    levels: { info: { metric: "new_customer_share", by: "points", under: -0.08 } },
    minVolume: { metric: "orders", atLeast: 50 },
    chance: { kind: "share", of: "orders" },
    repeat: ONCE,
    advice: "Check the prospecting budget and whether the audiences are exhausted.",
  },
  {
    id: "aov_change",
    title: "The order value moved",
    scope: "shop",
    look: WEEK,
    about: "aov",
    levels: {
      info: {
        any: [
          { metric: "aov", by: "relative", under: -0.1 },
          { metric: "aov", by: "relative", over: 0.1 },
        ],
      },
      warning: {
        any: [
          { metric: "aov", by: "relative", under: -0.2 },
          { metric: "aov", by: "relative", over: 0.2 },
        ],
      },
    },
    minVolume: { metric: "orders", atLeast: 50 },
    // Order values that spread as wide as their mean: their mean is as uncertain as their number.
    chance: { kind: "count", of: "orders" },
    repeat: ONCE,
    advice: "Compare discounts, prices and the product mix with the week before.",
  },
  {
    id: "refund_rate_high",
    title: "Refunds are high",
    scope: "shop",
    look: WEEK,
    about: "refund_rate",
    levels: { warning: { metric: "refund_rate", by: "level", over: 0.08 } },
    minVolume: { metric: "orders", atLeast: 50 },
    repeat: ONCE,
    advice: "Read the refund reasons of the products that came back most.",
  },
  {
    id: "retention_drop",
    title: "Fewer customers came back within 30 days",
    scope: "shop",
    look: { cohortAfterDays: 60 },
    about: "retention_d30",
    levels: {
      warning: { metric: "retention_d30", by: "points", under: -0.05 },
      critical: { metric: "retention_d30", by: "points", under: -0.1 },
    },
    minVolume: { metric: "cohort_size", atLeast: 50 },
    chance: { kind: "share", of: "cohort_size" },
    repeat: ONCE,
    advice: "Look at the post-purchase mails, at win-back offers and at the quality of what these customers bought.",
  },
];
