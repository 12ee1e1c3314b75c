import type { AlertRule, Chance } from "../types.js";

const WEEK = { days: 7, against: "previous" } as const;

interface Step {
  readonly id: string;
  readonly metric: string;
  readonly title: string;
  readonly minVolume: NonNullable<AlertRule["minVolume"]>;
  readonly chance: Chance;
  readonly advice: string;
}

const STEPS: readonly Step[] = [
  {
    id: "sessions_drop",
    metric: "sessions",
    title: "Fewer people came to the shop",
    minVolume: { metric: "sessions", atLeast: 500 },
    chance: { kind: "count", of: "sessions" },
    advice: "Compare sessions by channel; check tracking before concluding anything.",
  },
  {
    id: "cvr_drop",
    metric: "cvr",
    title: "Fewer visits became orders",
    minVolume: { metric: "orders", atLeast: 50 },
    chance: { kind: "count", of: "orders" },
    advice: "Walk through the checkout on a phone; compare landing pages, stock and prices with last week.",
  },
  {
    id: "product_view_rate_drop",
    metric: "product_view_rate",
    title: "Fewer visits reached a product",
    minVolume: { metric: "sessions", atLeast: 500 },
    chance: { kind: "share", of: "sessions" },
    advice: "Open the pages that visits land on; look at search, navigation and loading times.",
  },
  {
    id: "add_to_cart_rate_drop",
    metric: "add_to_cart_rate",
    title: "Fewer product views became carts",
    minVolume: { metric: "product_views", atLeast: 500 },
    chance: { kind: "share", of: "product_views" },
    advice: "Look at prices, stock and the add-to-cart button of the most viewed products, on a phone too.",
  },
  {
    id: "checkout_rate_drop",
    metric: "checkout_rate",
    title: "Fewer carts reached the checkout",
    minVolume: { metric: "add_to_carts", atLeast: 100 },
    chance: { kind: "share", of: "add_to_carts" },
    advice: "Look at shipping prices and at what the cart says about them.",
  },
  {
    id: "purchase_rate_drop",
    metric: "purchase_rate",
    title: "Fewer checkouts were paid",
    minVolume: { metric: "checkouts", atLeast: 100 },
    chance: { kind: "share", of: "checkouts" },
    advice: "Pay with every method yourself; look at the payment provider's refusals.",
  },
];

/**
 * Visits and the steps of the funnel: 15 % fewer is worth a word, 30 % a warning, where chance does not explain it. A step is a share of the
 * one before; orders per visit are as uncertain as the number of orders, for visits are many.
 */
export const TRAFFIC_RULES: readonly AlertRule[] = STEPS.map(({ id, metric, title, minVolume, chance, advice }) => ({
  id,
  title,
  scope: "shop",
  look: WEEK,
  about: metric,
  levels: {
    info: { metric, by: "relative", under: -0.15 },
    warning: { metric, by: "relative", under: -0.3 },
  },
  minVolume,
  chance,
  repeat: "once",
  advice,
}));
