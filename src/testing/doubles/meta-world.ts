import { addDays, daysOf, type ISODate, isoDate } from "../../base/dates.js";
import { decimalText } from "../../base/money.js";

/** An ad account. */
export interface MetaAccount {
  readonly id: string;
  name: string;
  currency: string;
  timeZone: string;
  offsetHours: number;
  status: number;
}

/** A campaign, an ad set or an ad, as its edge shows it. */
export interface MetaObject {
  readonly kind: "campaigns" | "adsets" | "ads";
  readonly account: string;
  readonly id: string;
  readonly campaign: string;
  readonly adset: string;
  name: string;
  effectiveStatus: string;
  /** Members beyond those that every kind has. */
  readonly more: Readonly<Record<string, unknown>>;
}

/** What one ad delivered on one day of its account; money in minor units of the account's currency. */
export interface MetaDay {
  readonly ad: string;
  readonly day: ISODate;
  spend: number;
  impressions: number;
  clicks: number;
  purchases: number;
  value: number;
}

/** Everything that the double knows about; tests change it as they like. */
export interface MetaWorld {
  readonly from: ISODate;
  readonly to: ISODate;
  readonly accounts: MetaAccount[];
  readonly objects: MetaObject[];
  days: MetaDay[];
  /** Spend per campaign and day that Meta counts for the campaign but serves at no ad. */
  unserved: Readonly<Record<string, number>>;
}

/** The accounts: one in dollars, one in yen (no minor unit) half a world away. */
export const META_ACCOUNTS = { usd: "100200300", jpy: "100200301" } as const;

const FROM = isoDate("2025-12-11");
const DAYS = 60;

interface Plan {
  readonly account: string;
  readonly id: string;
  readonly name: string;
  readonly status: string;
  /** Ads per ad set. */
  readonly adsets: readonly number[];
  /** Days of delivery from the first day on. */
  readonly delivers: number;
  readonly more: Readonly<Record<string, unknown>>;
}

const { usd, jpy } = META_ACCOUNTS;
const PLANS: readonly Plan[] = [
  plan(usd, "23850001", "PROS_Broad", { adsets: [3, 2], more: { daily_budget: "5000" } }),
  plan(usd, "23850002", "RET_DPA", { status: "PAUSED", adsets: [2] }),
  plan(usd, "23850003", 'Gifts "2025" <late>', {
    status: "ARCHIVED",
    delivers: 30,
    more: { lifetime_budget: "150000" },
  }),
  plan(usd, "23850004", "Old_Test", { status: "DELETED", delivers: 20 }),
  plan(jpy, "23850011", "JP_ブランド", { adsets: [1, 2], more: { daily_budget: "3000" } }),
  plan(jpy, "23850012", "JP_Retarget", { adsets: [2], more: { daily_budget: "2000" } }),
];

function plan(account: string, id: string, name: string, more: Partial<Plan>): Plan {
  return { account, id, name, status: "ACTIVE", adsets: [1], delivers: DAYS, more: {}, ...more };
}

/** Ads that were put away while their campaign went on: their spend is part of it. */
const PUT_AWAY: Readonly<Record<string, { readonly status: string; readonly delivers: number }>> = {
  "2385000111": { status: "ARCHIVED", delivers: 40 },
  "2385000112": { status: "DELETED", delivers: 45 },
};

/** Two accounts, six campaigns, sixty days to 2026-02-08; always the same. */
export function metaWorld(): MetaWorld {
  const objects = PLANS.flatMap(objectsOf);
  const ads = objects.filter(({ kind }) => kind === "ads");
  return {
    from: FROM,
    to: addDays(FROM, DAYS - 1),
    accounts: [
      { id: usd, name: "Northwind Tea", currency: "USD", timeZone: "America/Los_Angeles", offsetHours: -8, status: 1 },
      { id: jpy, name: "Northwind Tea JP", currency: "JPY", timeZone: "Asia/Tokyo", offsetHours: 9, status: 1 },
    ],
    objects,
    days: ads.flatMap((ad, index) => daysOfAd(ad, index)),
    unserved: { "23850012": 250 },
  };
}

function objectsOf(one: Plan): readonly MetaObject[] {
  const base = { account: one.account, campaign: one.id };
  const child = one.status === "PAUSED" ? "CAMPAIGN_PAUSED" : one.status;
  const campaign = {
    ...base,
    kind: "campaigns",
    id: one.id,
    adset: "",
    name: one.name,
    effectiveStatus: one.status,
  } as const;
  const adsets = one.adsets.map((_, index) => ({
    ...base,
    kind: "adsets" as const,
    id: `${one.id}${index + 1}`,
    adset: `${one.id}${index + 1}`,
    name: `${one.name} set ${index + 1}`,
    effectiveStatus: child,
    more: ADSET,
  }));
  const ads = one.adsets.flatMap((count, set) =>
    Array.from({ length: count }, (_, index) => adOf(one, { adset: `${one.id}${set + 1}`, index, status: child })),
  );
  return [{ ...campaign, more: { ...CAMPAIGN, ...one.more } }, ...adsets, ...ads];
}

function adOf(one: Plan, { adset, index, status }: { adset: string; index: number; status: string }): MetaObject {
  const id = `${adset}${index}`;
  const creative = {
    id: `9${id}`,
    name: `Creative ${id}`,
    url_tags: "utm_source=facebook&utm_medium=cpc&utm_campaign={{campaign.name}}",
    effective_object_story_id: `1_${id}`,
    thumbnail_url: `https://pictures.example/${id}.jpg`,
  };
  return {
    kind: "ads",
    account: one.account,
    campaign: one.id,
    adset,
    id,
    name: `${one.name} ad ${index}`,
    effectiveStatus: PUT_AWAY[id]?.status ?? status,
    more: { creative, tracking_specs: [{ "action.type": ["offsite_conversion"], fb_pixel: ["55"] }] },
  };
}

const CAMPAIGN = {
  objective: "OUTCOME_SALES",
  buying_type: "AUCTION",
  bid_strategy: "LOWEST_COST_WITHOUT_CAP",
  budget_remaining: "1200",
  special_ad_categories: [],
  start_time: "2025-12-01T00:00:00-0800",
};
const ADSET = {
  daily_budget: "2500",
  budget_remaining: "800",
  billing_event: "IMPRESSIONS",
  optimization_goal: "OFFSITE_CONVERSIONS",
  attribution_spec: [
    { event_type: "CLICK_THROUGH", window_days: 7 },
    { event_type: "VIEW_THROUGH", window_days: 1 },
  ],
  targeting: { age_min: 18, geo_locations: { countries: ["US"] } },
  promoted_object: { pixel_id: "55", custom_event_type: "PURCHASE" },
  destination_type: "WEBSITE",
  start_time: "2025-12-01T00:00:00-0800",
};

function daysOfAd(ad: MetaObject, index: number): readonly MetaDay[] {
  const delivers = PUT_AWAY[ad.id]?.delivers ?? PLANS.find(({ id }) => id === ad.campaign)?.delivers ?? 0;
  if (delivers === 0) return [];
  return daysOf({ from: FROM, to: addDays(FROM, delivers - 1) }).map((day, number) => {
    const chance = (index * 7919 + number * 104_729 + 13) % 1000;
    const purchases = chance % 4;
    return {
      ad: ad.id,
      day,
      spend: 500 + chance * 3,
      impressions: 200 + chance,
      clicks: 5 + (chance % 40),
      purchases,
      value: purchases * (4200 + chance),
    };
  });
}

/** An amount as insights write it: a decimal text in main units. */
export function amount(minor: number, currency: string): string {
  return decimalText({ minor, currency });
}

/** Changes what a day says, as an attribution that comes in late does. */
export function restate(world: MetaWorld, wanted: (day: MetaDay) => boolean, change: (day: MetaDay) => void): void {
  for (const day of world.days) if (wanted(day)) change(day);
}
