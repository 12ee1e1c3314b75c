import type { AlertRule } from "../types.js";

const WEEK = { days: 7, against: "previous" } as const;
const ONCE = "once";

/** What was paid for, and what came of it. */
export const MARKETING_RULES: readonly AlertRule[] = [
  {
    id: "mer_deterioration",
    title: "More spend did not bring more revenue",
    scope: "shop",
    look: WEEK,
    about: "mer",
    levels: {
      warning: {
        all: [
          { metric: "mer", by: "relative", under: -0.1 },
          { metric: "spend", by: "relative", over: 0.1 },
          { metric: "net_revenue", by: "relative", under: 0.05 },
        ],
      },
    },
    minVolume: { metric: "orders", atLeast: 50 },
    repeat: ONCE,
    advice: "Audit what the added budget went to; hold the budget until the marginal return is known.",
  },
  {
    // Below 1 by more than the number of orders and the spread of their values explain.
    id: "roas_below_one",
    title: "Paid channels brought less than they cost:",
    scope: "channel",
    look: WEEK,
    about: "roas",
    levels: { critical: { metric: "roas", by: "level", under: 1 } },
    minVolume: { metric: "spend", atLeast: 500 },
    chance: { kind: "sum", of: "orders" },
    repeat: ONCE,
    advice: "Stop what only spends; check the tracking of this channel before concluding anything about the rest.",
  },
  {
    id: "ctr_drop",
    title: "Fewer people click on the ads of",
    scope: "platform",
    look: WEEK,
    about: "ctr",
    levels: { warning: { metric: "ctr", by: "relative", under: -0.2 } },
    minVolume: { metric: "impressions", atLeast: 10_000 },
    chance: { kind: "share", of: "impressions" },
    repeat: ONCE,
    advice: "Renew the creatives that have run longest; look at frequency and at placements.",
  },
  {
    // Spend is known exactly: a CAC is as uncertain as the count of new customers under it.
    id: "channel_cac_increase",
    title: "A new customer became more expensive in",
    scope: "channel",
    look: WEEK,
    about: "blended_cac",
    levels: {
      warning: {
        all: [
          { metric: "blended_cac", by: "relative", over: 0.25 },
          { metric: "spend", by: "level", over: 500 },
        ],
      },
    },
    chance: { kind: "count", of: "new_customers" },
    repeat: ONCE,
    advice: "Check creative, audience and bids in this channel.",
  },
  {
    // Of our own making: the channel's side of mer_deterioration, which a small channel never moves.
    id: "channel_spend_unanswered",
    title: "More spend came back no better in",
    scope: "channel",
    look: WEEK,
    about: "roas",
    levels: {
      warning: {
        all: [
          { metric: "spend", by: "relative", over: 0.25 },
          { metric: "roas", by: "relative", under: 0 },
          { metric: "spend", by: "level", over: 500 },
        ],
      },
    },
    repeat: ONCE,
    advice: "Find the campaigns whose budget went up; take the increase back where the return fell.",
  },
  {
    id: "channel_spend_without_customers",
    title: "Spend without a single new customer in",
    scope: "channel",
    look: WEEK,
    about: "new_customers",
    levels: {
      warning: {
        all: [
          { metric: "new_customers", by: "level", under: 1 },
          { metric: "spend", by: "level", over: 500 },
        ],
      },
    },
    repeat: ONCE,
    advice: "Check the tracking of this channel first, then pause what only spends.",
  },
];
