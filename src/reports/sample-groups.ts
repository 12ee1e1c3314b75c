/** The groups of the sample shop beside its channels: accounts, campaigns, ad sets, ads, products, categories. Imported by tests only. */

import type { AdTree, CampaignPlace } from "../metrics/ad-tree.js";
import { type AdHistory, adPlace } from "../transform/ad-history.js";

/** What one group of rows is made of, per day: orders, average value and spend in cents, share of new customers in percent, sessions. */
export interface SampleGroup {
  readonly key: string;
  readonly label: string;
  readonly paid?: boolean | undefined;
  readonly orders: number;
  readonly value: number;
  readonly spend: number;
  readonly fresh: number;
  readonly sessions: number;
}

function group(key: string, label: string, [orders, value, spend]: readonly [number, number, number]): SampleGroup {
  return { key, label, orders, value, spend, fresh: 50, sessions: orders * 40 };
}

const NONE = group("(none)", "No campaign", [2, 7000, 0]);

/** The rows of every breakdown but channels. `campaigns`: how many Meta has, beside one of Google. */
export function groupsOf(breakdown: string | undefined, campaigns: number): readonly SampleGroup[] {
  if (breakdown === "account") return [group("501", "501", [9, 7400, 21_000]), group("77", "77", [7, 8100, 14_500])];
  if (breakdown === "platform")
    return [group("meta_ads", "meta_ads", [0, 0, 21_000]), group("google_ads", "google_ads", [0, 0, 14_500])];
  if (breakdown === "payer")
    return [group("shopify_payments", "shopify_payments", [0, 0, 0]), group("paypal", "paypal", [0, 0, 0])];
  if (breakdown === "cost_category") return [group("rent", "rent", [0, 0, 0]), group("tools", "tools", [0, 0, 0])];
  if (breakdown === "campaign")
    return [
      ...Array.from({ length: campaigns }, (_, index) =>
        group(`m${index}`, index === 0 ? "Winter sale" : `Campaign ${index}`, [
          4,
          7400,
          Math.max(900, 12_000 - index * 40),
        ]),
      ),
      group("g0", "Brand search", [7, 8100, 14_500]),
      NONE,
    ];
  if (breakdown === "ad_set")
    return [group("m0s0", "Broad", [0, 0, 8000]), group("m0s1", "Lookalike", [0, 0, 4000]), NONE];
  if (breakdown === "ad")
    return [group("m0s0a0", "Video", [0, 0, 5000]), group("m0s0a1", "Carousel", [0, 0, 3000]), NONE];
  if (breakdown === "product")
    return [
      group("p1", "Linen shirt", [9, 5900, 0]),
      group("p2", "Enamel mug", [7, 2200, 0]),
      group("p3", "Poster", [4, 1800, 0]),
    ];
  if (breakdown === "category")
    return [group("apparel", "apparel", [9, 5900, 0]), group("home", "home", [11, 2000, 0])];
  if (breakdown === "location")
    return [
      group("1", "Portland", [9, 7400, 0]),
      group("2", "Seattle", [5, 6200, 0]),
      group("77", "77", [1, 3100, 0]),
      group("(none)", "Unassigned", [3, 6900, 0]),
    ];
  return [];
}

/** What belongs to what among those. */
export function adTreeOf(campaigns: number): AdTree {
  const meta = Array.from({ length: campaigns }, (_, index): [string, CampaignPlace] => [
    `m${index}`,
    { platform: "meta_ads", account: "501", status: index === 1 ? "paused" : "active" },
  ]);
  return {
    campaigns: new Map([...meta, ["g0", { platform: "google_ads", account: "77", status: null }]]),
    adSets: new Map([
      ["m0s0", "m0"],
      ["m0s1", "m0"],
    ]),
    ads: new Map([
      ["m0s0a0", { adSet: "m0s0", campaign: "m0" }],
      ["m0s0a1", { adSet: "m0s0", campaign: "m0" }],
    ]),
    history: HISTORY,
  };
}

const SET = { status: "active", dailyCents: null, lifetimeCents: null, currency: "USD", isShared: false } as const;
const WORD = { cents: null } as const;

/** A budget by day that two share, one of an ad set, a paused ad, and one change of each kind. */
const HISTORY: AdHistory = {
  settings: new Map([
    [adPlace("account", "501"), SET],
    [adPlace("campaign", "g0"), { ...SET, dailyCents: 20_000, isShared: true }],
    [adPlace("campaign", "m0"), SET],
    [adPlace("ad_set", "m0s0"), { ...SET, lifetimeCents: 1_250_000 }],
    [adPlace("ad", "m0s0a1"), { ...SET, status: "paused" }],
  ]),
  changes: [
    {
      day: "2026-02-07",
      level: "campaign",
      entity: "Brand search",
      platform: "google_ads",
      change: "changed",
      setting: "daily_budget",
      before: { text: null, cents: 15_000 },
      after: { text: null, cents: 20_000 },
      currency: "USD",
    },
    {
      day: "2026-02-07",
      level: "ad",
      entity: "Carousel",
      platform: "meta_ads",
      change: "changed",
      setting: "status",
      before: { ...WORD, text: "active" },
      after: { ...WORD, text: "paused" },
      currency: "USD",
    },
    {
      day: "2026-02-03",
      level: "campaign",
      entity: "Autumn sale",
      platform: "meta_ads",
      change: "gone",
      setting: "name",
      before: { ...WORD, text: "Autumn sale" },
      after: { ...WORD, text: null },
      currency: "USD",
    },
    {
      day: "2026-02-03",
      level: "ad_set",
      entity: "Lookalike",
      platform: "meta_ads",
      change: "added",
      setting: "name",
      before: { ...WORD, text: null },
      after: { ...WORD, text: "Lookalike" },
      currency: "USD",
    },
  ],
};
