import { addDays, daysOf, type ISODate, isoDate } from "../../base/dates.js";

/** GAQL name -> value, in the vendor's types: int64 as text, double as number; what is not there is left out of answers. */
export type GoogleFields = Readonly<Record<string, unknown>>;

/** An account below the manager. */
export interface GoogleClient {
  readonly id: string;
  readonly name: string;
  currency: string;
  readonly timeZone: string;
  /** Only `ENABLED` ones can be read. */
  status: "ENABLED" | "CANCELED" | "SUSPENDED" | "CLOSED";
  /** False: the manager does not know it any more. */
  linked: boolean;
}

/** Figures of one ad (of a campaign without ads: of the campaign) in one hour of the account's day. */
export interface GoogleCell {
  readonly customer: string;
  readonly campaign: string;
  readonly adGroup: string | null;
  readonly ad: string | null;
  readonly day: ISODate;
  readonly hour: number;
  impressions: number;
  clicks: number;
  /** Micros of the account's currency. */
  cost: number;
  /** By the day of the click. */
  conversions: number;
  /** Whole units of the account's currency. */
  value: number;
  /** By the day of the conversion: what was clicked the day before. */
  arrived: number;
  arrivedValue: number;
}

/** Everything that the double knows; tests change it. */
export interface GoogleWorld {
  readonly clients: GoogleClient[];
  /** Resource -> its objects, each with the fields of its parents. */
  readonly entities: Map<string, GoogleFields[]>;
  readonly cells: GoogleCell[];
}

/** The last day of the world; it is 60 days long. */
export const LAST_DAY = isoDate("2026-02-08");

/** The manager account. */
export const MANAGER = "9000000001";
/** Client accounts: dollars, yen, and a cancelled one. */
export const US = "1000000001";
export const JP = "1000000002";
export const OLD = "1000000003";

/** On these hours something happens. */
const HOURS = [8, 10, 12, 14, 18, 21];

/** The removed campaign stopped after its first 20 days; its figures stay. */
const CAMPAIGNS = [
  { id: "11", name: "Brand", channel: "SEARCH", status: "ENABLED", groups: ["111", "112"], days: 60 },
  { id: "12", name: "Everything", channel: "PERFORMANCE_MAX", status: "ENABLED", groups: [], days: 60 },
  { id: "13", name: "Catalogue", channel: "SHOPPING", status: "PAUSED", groups: ["131"], days: 60 },
  { id: "14", name: "Winter sale", channel: "SEARCH", status: "REMOVED", groups: ["141"], days: 20 },
] as const;
type Campaign = (typeof CAMPAIGNS)[number];

/** A world that is always the same. */
export function makeGoogleWorld(): GoogleWorld {
  const clients: GoogleClient[] = [
    { id: US, name: "Northwind Tea", currency: "USD", timeZone: "America/New_York", status: "ENABLED", linked: true },
    { id: JP, name: "Northwind Tea JP", currency: "JPY", timeZone: "Asia/Tokyo", status: "ENABLED", linked: true },
    { id: OLD, name: "Old account", currency: "USD", timeZone: "America/New_York", status: "CANCELED", linked: true },
  ];
  const entities = new Map<string, GoogleFields[]>();
  const add = (resource: string, list: readonly GoogleFields[]) =>
    entities.set(resource, [...(entities.get(resource) ?? []), ...list]);
  for (const { id } of clients) {
    const own = { "customer.id": id };
    add(
      "campaign",
      CAMPAIGNS.map(campaignOf).map((fields) => ({ ...own, ...fields })),
    );
    for (const campaign of CAMPAIGNS) {
      const groups = campaign.groups.map((group) => groupOf(campaign, group));
      add(
        "ad_group",
        groups.map((fields) => ({ ...own, ...fields })),
      );
      add(
        "ad_group_ad",
        groups.flatMap(adsOf).map((fields) => ({ ...own, ...fields })),
      );
      add(
        "ad_group_criterion",
        groups.flatMap(criteriaOf).map((fields) => ({ ...own, ...fields })),
      );
    }
    add(
      "conversion_action",
      ACTIONS.map((fields) => ({ ...own, ...fields })),
    );
  }
  return { clients, entities, cells: clients.flatMap(cellsOf) };
}

function campaignOf({ id, name, channel, status }: Campaign): GoogleFields {
  return {
    "campaign.id": id,
    "campaign.name": name,
    "campaign.status": status,
    "campaign.serving_status": status === "ENABLED" ? "SERVING" : "ENDED",
    "campaign.advertising_channel_type": channel,
    "campaign.advertising_channel_sub_type": "UNSPECIFIED",
    "campaign.bidding_strategy_type": "MAXIMIZE_CONVERSION_VALUE",
    "campaign.start_date_time": "2025-12-11 00:00:00",
    "campaign.end_date_time": "2037-12-30 23:59:59",
    "campaign_budget.id": `5${id}`,
    "campaign_budget.amount_micros": "75000000",
    "campaign_budget.total_amount_micros": undefined,
    "campaign_budget.period": "DAILY",
    "campaign_budget.explicitly_shared": false,
  };
}

function groupOf(campaign: Campaign, group: string): GoogleFields {
  return {
    ...campaignOf(campaign),
    "ad_group.id": group,
    "ad_group.name": `Group ${group}`,
    "ad_group.status": "ENABLED",
    "ad_group.type": campaign.channel === "SEARCH" ? "SEARCH_STANDARD" : "SHOPPING_PRODUCT_ADS",
    "ad_group.cpc_bid_micros": "1250000",
  };
}

function adsOf(group: GoogleFields): readonly GoogleFields[] {
  return [1, 2].map((number) => ({
    ...group,
    "ad_group_ad.ad.id": `${String(group["ad_group.id"])}0${number}`,
    "ad_group_ad.ad.name": `Ad ${number}`,
    "ad_group_ad.ad.type": "RESPONSIVE_SEARCH_AD",
    "ad_group_ad.ad.final_urls": ["https://northwind.example/tea"],
    "ad_group_ad.ad.final_url_suffix": "utm_source=google",
    "ad_group_ad.ad.responsive_search_ad.headlines": [{ text: "Tea" }],
    "ad_group_ad.status": number === 1 ? "ENABLED" : "REMOVED",
    "ad_group_ad.policy_summary.approval_status": "APPROVED",
  }));
}

/** The same words with the same criterion id in every ad group, twice with another match type, and one criterion that is no keyword. */
function criteriaOf(group: GoogleFields): readonly GoogleFields[] {
  if (group["campaign.advertising_channel_type"] !== "SEARCH") return [];
  const keywords = ["EXACT", "PHRASE"].map((match, index) => ({
    ...group,
    "ad_group_criterion.criterion_id": `70${index + 1}`,
    "ad_group_criterion.type": "KEYWORD",
    "ad_group_criterion.keyword.text": "green tea",
    "ad_group_criterion.keyword.match_type": match,
    "ad_group_criterion.status": "ENABLED",
    "ad_group_criterion.negative": false,
    // Only words that were searched for have a score.
    ...(index === 0 ? { "ad_group_criterion.quality_info.quality_score": 7 } : {}),
  }));
  const age = { ...group, "ad_group_criterion.criterion_id": "503001", "ad_group_criterion.type": "AGE_RANGE" };
  return [...keywords, age];
}

const ACTIONS: readonly GoogleFields[] = [
  ["81", "Purchase", "ENABLED", "30"],
  ["82", "Subscription", "ENABLED", "90"],
  ["83", "Old tag", "REMOVED", "60"],
].map(([id, name, status, days]) => ({
  "conversion_action.id": id,
  "conversion_action.name": name,
  "conversion_action.category": "PURCHASE",
  "conversion_action.type": "WEBPAGE",
  "conversion_action.status": status,
  "conversion_action.primary_for_goal": true,
  "conversion_action.click_through_lookback_window_days": days,
  "conversion_action.view_through_lookback_window_days": "1",
  "conversion_action.attribution_model_settings.attribution_model": "GOOGLE_SEARCH_ATTRIBUTION_DATA_DRIVEN",
}));

function cellsOf({ id: customer, currency }: GoogleClient): readonly GoogleCell[] {
  // The smallest unit that is billed: a yen, or a cent.
  const unit = currency === "JPY" ? 1_000_000 : 10_000;
  const first = addDays(LAST_DAY, -59);
  return CAMPAIGNS.flatMap((campaign) => {
    const days = daysOf({ from: first, to: addDays(first, campaign.days - 1) });
    const places: readonly (readonly [string | null, string | null])[] =
      campaign.groups.length === 0
        ? [[null, null]]
        : campaign.groups.flatMap((group) => [1, 2].map((number) => [group, `${group}0${number}`] as const));
    return places.flatMap(([adGroup, ad], place) =>
      days.flatMap((day, index) =>
        HOURS.map((hour, slot) => {
          const seed = (at: number) => at * 7 + place * 5 + slot * 3 + Number(campaign.id) + (customer === JP ? 11 : 0);
          const sold = (at: number) => (at < 0 || seed(at) % 4 > 0 ? 0 : 0.5 + (seed(at) % 3));
          const clicks = seed(index) % 9;
          const [conversions, arrived] = [sold(index), sold(index - 1)];
          const impressions = clicks * 20 + (seed(index) % 13);
          const cost = clicks * (37 + (seed(index) % 11)) * unit;
          const worth = { value: conversions * 40, arrivedValue: arrived * 40 };
          return {
            customer,
            campaign: campaign.id,
            adGroup,
            ad,
            day,
            hour,
            clicks,
            impressions,
            cost,
            conversions,
            arrived,
            ...worth,
          };
        }),
      ),
    );
  });
}
