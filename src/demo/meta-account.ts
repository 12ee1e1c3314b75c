import type { HttpResponse } from "../http/types.js";
import { META_ACCOUNT, META_CAMPAIGNS } from "./campaigns.js";
import { jsonResponse } from "./respond.js";
import type { AdCampaign, AdDay } from "./types.js";

/** An ad of the demo account; every campaign has one ad set with two of them. */
export interface DemoAd {
  readonly id: string;
  readonly name: string;
  readonly adsetId: string;
  readonly adsetName: string;
}

/** A day of a campaign, or the part of it that one of its ads has. */
export type MetaAdDay = AdDay & { readonly ad: DemoAd | null };

/** What the first ad has of its campaign, in percent; the other ad has the rest, so that they add up. */
const FIRST_SHARE = 60;

function adsOf({ id, name }: AdCampaign): readonly [DemoAd, DemoAd] {
  const set = { adsetId: `${id}1`, adsetName: `${name}_Set` };
  return [
    { id: `${id}11`, name: `${name}_Video`, ...set },
    { id: `${id}12`, name: `${name}_Still`, ...set },
  ];
}

const DIVIDED = ["spendCents", "impressions", "clicks", "sessions", "claimedOrders", "claimedCents"] as const;

/** A campaign's day by ad. Pure; the parts add up to the whole. */
export function byAd(day: AdDay): readonly MetaAdDay[] {
  const [first, second] = adsOf(day.campaign);
  const part = (name: (typeof DIVIDED)[number]) => Math.floor((day[name] * FIRST_SHARE) / 100);
  const mine = Object.fromEntries(DIVIDED.map((name) => [name, part(name)]));
  const rest = Object.fromEntries(DIVIDED.map((name) => [name, day[name] - part(name)]));
  return [
    { ...day, ...mine, ad: first },
    { ...day, ...rest, ad: second },
  ].filter(({ impressions }) => impressions > 0);
}

/** The node of the account itself. */
export function metaAccount(account: string): HttpResponse {
  return jsonResponse(200, {
    id: `act_${account}`,
    account_id: account,
    name: META_ACCOUNT.name,
    currency: "USD",
    timezone_name: "America/New_York",
    timezone_offset_hours_utc: -5,
    account_status: 1,
    amount_spent: "4812077",
    business: { id: "501200345", name: META_ACCOUNT.name },
  });
}

const LIVE = {
  status: "ACTIVE",
  configured_status: "ACTIVE",
  effective_status: "ACTIVE",
  created_time: "2025-06-02T09:00:00-0400",
  updated_time: "2025-07-14T16:30:00-0400",
};

/** Everything that an edge of the account lists; undefined for an edge that the demo does not have. */
export function metaObjects(edge: string, account: string): readonly object[] | undefined {
  const list = {
    campaigns: (campaign: AdCampaign) => [campaignNode(campaign)],
    adsets: (campaign: AdCampaign) => [adsetNode(campaign)],
    ads: (campaign: AdCampaign) => adsOf(campaign).map((ad) => adNode(campaign, ad)),
  }[edge];
  return list && META_CAMPAIGNS.flatMap(list).map((node) => ({ ...node, ...LIVE, account_id: account }));
}

function campaignNode({ id, name, objective, spendCents }: AdCampaign): object {
  return {
    id,
    name,
    objective,
    buying_type: "AUCTION",
    bid_strategy: "LOWEST_COST_WITHOUT_CAP",
    ...budgetOf(name, spendCents).campaign,
    budget_remaining: "0",
    special_ad_categories: [],
    start_time: "2025-06-02T09:00:00-0400",
  };
}

/** Budgets are texts in minor units, on the campaign or on its ad sets, by day or for the whole run. */
function budgetOf(name: string, cents: number): { readonly campaign: object; readonly adset: object } {
  if (name.startsWith("RET_")) return { campaign: {}, adset: { daily_budget: String(cents) } };
  if (name.startsWith("BRAND_")) return { campaign: { lifetime_budget: String(cents * 365) }, adset: {} };
  return { campaign: { daily_budget: String(cents) }, adset: {} };
}

function adsetNode(campaign: AdCampaign): object {
  const [{ adsetId, adsetName }] = adsOf(campaign);
  return {
    id: adsetId,
    name: adsetName,
    campaign_id: campaign.id,
    ...budgetOf(campaign.name, campaign.spendCents).adset,
    budget_remaining: "0",
    billing_event: "IMPRESSIONS",
    optimization_goal: "OFFSITE_CONVERSIONS",
    bid_strategy: "LOWEST_COST_WITHOUT_CAP",
    attribution_spec: [
      { event_type: "CLICK_THROUGH", window_days: 7 },
      { event_type: "VIEW_THROUGH", window_days: 1 },
    ],
    targeting: { age_min: 18, geo_locations: { countries: ["US"] } },
    promoted_object: { pixel_id: "730011", custom_event_type: "PURCHASE" },
    destination_type: "WEBSITE",
    start_time: "2025-06-02T09:00:00-0400",
  };
}

function adNode(campaign: AdCampaign, ad: DemoAd): object {
  return {
    id: ad.id,
    name: ad.name,
    campaign_id: campaign.id,
    adset_id: ad.adsetId,
    creative: {
      id: `9${ad.id}`,
      name: ad.name,
      url_tags: `utm_source=facebook&utm_medium=cpc&utm_campaign=${campaign.name}`,
      effective_object_story_id: `1180339_${ad.id}`,
      thumbnail_url: "https://scontent.example/thumbnail.jpg",
    },
    tracking_specs: [{ "action.type": ["offsite_conversion"], fb_pixel: ["730011"] }],
  };
}
