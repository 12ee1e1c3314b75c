import type { Report } from "./report.js";

/**
 * Days are processed for up to 72 hours and attribution credit moves for up to 12 days, so 14 are read again: two whole slices.
 * Reports with many combinations a day ask for one day at a time: the longer the range, the sooner Google samples or folds rare
 * values into `(other)`, and what it says about the quality of an answer is then about that one day.
 */
const DAY_BY_DAY = { lookbackDays: 14, chunkDays: 28, daysAtATime: 1 } as const;

/** Figures whose restatement is recorded. Users are never among them: they do not add up. */
const MEASURES = {
  sessions: "sessions",
  ecommercePurchases: "ecommercePurchases",
  purchaseRevenue: "purchaseRevenue",
} as const;

/** Every report that is read. Scopes are kept apart: session figures by session dimensions, items by items, orders by order. */
export const REPORTS: readonly Report[] = [
  {
    name: "traffic_days",
    dimensions: ["date", "sessionDefaultChannelGroup", "sessionSource", "sessionMedium", "sessionCampaignName"],
    metrics: [
      "sessions",
      "engagedSessions",
      // "Conversions" until 2024.
      "keyEvents",
      "itemViewEvents",
      "addToCarts",
      "checkouts",
      "ecommercePurchases",
      "purchaseRevenue",
    ],
    ...DAY_BY_DAY,
    measures: MEASURES,
  },
  {
    name: "landing_pages",
    dimensions: ["date", "landingPagePlusQueryString", "sessionSourceMedium"],
    metrics: ["sessions", "engagedSessions", "ecommercePurchases", "purchaseRevenue"],
    ...DAY_BY_DAY,
  },
  {
    // One row a day: nothing to sample or fold, so a slice is one request. Users are asked for at the grain at which they are shown.
    name: "totals",
    dimensions: ["date"],
    metrics: ["sessions", "totalUsers", "newUsers", "engagedSessions", "ecommercePurchases", "purchaseRevenue"],
    lookbackDays: 14,
    chunkDays: 28,
    daysAtATime: 28,
    measures: MEASURES,
  },
  {
    name: "item_days",
    dimensions: ["date", "itemId", "itemName"],
    metrics: ["itemsViewed", "itemsAddedToCart", "itemsPurchased", "itemRevenue"],
    ...DAY_BY_DAY,
  },
  {
    name: "transactions",
    dimensions: ["date", "transactionId"],
    metrics: ["purchaseRevenue", "refundAmount", "shippingAmount", "taxAmount"],
    ...DAY_BY_DAY,
  },
  {
    // Where the session of a purchase came from. By itself: more dimensions fold more rows into `(other)`.
    name: "transaction_sources",
    dimensions: ["date", "transactionId", "sessionSource", "sessionMedium", "sessionCampaignName"],
    metrics: ["purchaseRevenue"],
    ...DAY_BY_DAY,
  },
];
