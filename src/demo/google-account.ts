import { GOOGLE_ACCOUNT, GOOGLE_CAMPAIGNS } from "./campaigns.js";
import type { AdCampaign, AdDay } from "./types.js";

/** GAQL name -> value, in the vendor's types: int64 as text, double as number. */
export type GoogleFields = Readonly<Record<string, unknown>>;

/** One object of the demo account, and which part of its campaign's figures is its own, in hundredths. */
export interface GoogleEntity {
  readonly fields: GoogleFields;
  readonly campaign?: AdCampaign;
  readonly share?: readonly [from: number, to: number];
}

const STATUS = "ENABLED";

/** The objects of a resource in the demo account, removed ones included; undefined for a resource that it does not have. */
export function googleEntities(resource: string, customer: string): readonly GoogleEntity[] | undefined {
  const account = accountOf(customer);
  const tables: Readonly<Record<string, () => readonly GoogleEntity[]>> = {
    customer: () => [{ fields: account }],
    customer_client: () => [{ fields: clientOf(customer) }],
    campaign: () => GOOGLE_CAMPAIGNS.map((campaign) => ({ fields: campaignOf(campaign), campaign, share: [0, 100] })),
    ad_group: () => groups().map(({ fields, campaign }) => ({ fields, campaign })),
    ad_group_ad: () => groups().flatMap(adsOf),
    ad_group_criterion: () => groups().flatMap(keywordsOf),
    conversion_action: () => ACTIONS.map((fields) => ({ fields })),
    click_view: () => [{ fields: CLICK }],
  };
  return tables[resource]?.().map((entity) => ({ ...entity, fields: { ...account, ...entity.fields } }));
}

/** Figures of one campaign day, or of an entity's part of it, or of one hour of that part; the parts add up to the whole exactly. */
export function googleMetrics(day: AdDay, [from, to]: readonly [number, number], hour: number | null): GoogleFields {
  const cut = (whole: number) => {
    const own = part(whole, from, to, 100);
    return hour === null ? own : part(own, HOURS[hour] ?? 0, HOURS[hour + 1] ?? 0, 1000);
  };
  const orders = cut(Math.round(day.claimedOrders * 100)) / 100;
  const value = cut(day.claimedCents) / 100;
  return {
    "metrics.impressions": String(cut(day.impressions)),
    "metrics.clicks": String(cut(day.clicks)),
    "metrics.cost_micros": String(cut(day.spendCents * 10_000)),
    "metrics.conversions": orders,
    "metrics.conversions_value": value,
    "metrics.all_conversions": orders,
    "metrics.all_conversions_value": value,
    "metrics.conversions_by_conversion_date": orders,
    "metrics.conversions_value_by_conversion_date": value,
    "metrics.view_through_conversions": "0",
    "metrics.search_impression_share": SHARES[day.campaign.objective],
  };
}

/** Impression share by channel type; 0.0999 is how the vendor writes "less than 10 %", and only search has one. */
const SHARES: Readonly<Record<string, number>> = { SEARCH: 0.6142, SHOPPING: 0.0999 };

/** Thousandths of a day's figures that fall into each hour: quiet nights, busy evenings. */
const WEIGHTS = [18, 12, 8, 6, 6, 10, 20, 32, 42, 48, 50, 52, 54, 52, 50, 50, 52, 56, 64, 74, 80, 72, 56, 36];
/** How many of them have passed when an hour begins. */
const HOURS = Array.from({ length: 25 }, (_, hour) => WEIGHTS.slice(0, hour).reduce((sum, weight) => sum + weight, 0));

function part(whole: number, from: number, to: number, of: number): number {
  return Math.floor((whole * to) / of) - Math.floor((whole * from) / of);
}

function accountOf(customer: string): GoogleFields {
  return {
    "customer.id": customer,
    "customer.descriptive_name": GOOGLE_ACCOUNT.name,
    "customer.currency_code": "USD",
    "customer.time_zone": "America/New_York",
    "customer.manager": false,
    "customer.test_account": false,
    "customer.status": STATUS,
    "customer.auto_tagging_enabled": true,
  };
}

function clientOf(customer: string): GoogleFields {
  return {
    "customer_client.id": customer,
    "customer_client.descriptive_name": GOOGLE_ACCOUNT.name,
    "customer_client.currency_code": "USD",
    "customer_client.manager": false,
    "customer_client.status": STATUS,
  };
}

function campaignOf({ id, name, objective, spendCents }: AdCampaign): GoogleFields {
  return {
    "campaign.id": id,
    "campaign.name": name,
    "campaign.status": STATUS,
    "campaign.serving_status": "SERVING",
    "campaign.advertising_channel_type": objective,
    "campaign.advertising_channel_sub_type": "UNSPECIFIED",
    "campaign.bidding_strategy_type": "MAXIMIZE_CONVERSION_VALUE",
    "campaign.start_date_time": "2024-03-01 00:00:00",
    "campaign.end_date_time": "2037-12-30 23:59:59",
    "campaign_budget.id": `7${id}`,
    ...budgetOf(objective, spendCents * 12_000),
    "campaign_budget.explicitly_shared": false,
  };
}

/** A budget by day, or one for the whole run. */
function budgetOf(objective: string, micros: number): GoogleFields {
  const isWhole = objective === "SHOPPING";
  return {
    "campaign_budget.amount_micros": isWhole ? undefined : String(micros),
    "campaign_budget.total_amount_micros": isWhole ? String(micros * 365) : undefined,
    "campaign_budget.period": isWhole ? "CUSTOM_PERIOD" : "DAILY",
  };
}

interface Group extends GoogleEntity {
  readonly campaign: AdCampaign;
  readonly share: readonly [number, number];
  readonly id: string;
}

/** Two ad groups per search campaign, one per shopping campaign; Performance Max has none. */
function groups(): readonly Group[] {
  const names: Readonly<Record<string, readonly string[]>> = { SEARCH: ["Core", "Gifts"], SHOPPING: ["All products"] };
  return GOOGLE_CAMPAIGNS.flatMap((campaign) => {
    const list = names[campaign.objective] ?? [];
    return list.map((name, index) => {
      const id = `${campaign.id}${index + 1}`;
      const fields = {
        ...campaignOf(campaign),
        "ad_group.id": id,
        "ad_group.name": name,
        "ad_group.status": STATUS,
        "ad_group.type": campaign.objective === "SEARCH" ? "SEARCH_STANDARD" : "SHOPPING_PRODUCT_ADS",
        "ad_group.cpc_bid_micros": String(campaign.clickCents * 10_000),
      };
      const share = [(100 * index) / list.length, (100 * (index + 1)) / list.length] as const;
      return { id, fields, campaign, share };
    });
  });
}

/** Two ads per ad group, the first with 60 % of its figures. */
function adsOf({ id, fields, campaign, share: [from, to] }: Group): readonly GoogleEntity[] {
  const middle = from + (to - from) * 0.6;
  return [1, 2].map((number) => ({
    campaign,
    share: number === 1 ? ([from, middle] as const) : ([middle, to] as const),
    fields: {
      ...fields,
      "ad_group_ad.ad.id": `${id}0${number}`,
      "ad_group_ad.ad.name": number === 1 ? "Main" : "Variant",
      "ad_group_ad.ad.type": campaign.objective === "SEARCH" ? "RESPONSIVE_SEARCH_AD" : "SHOPPING_PRODUCT_AD",
      "ad_group_ad.ad.final_urls": ["https://northpine.example/"],
      "ad_group_ad.ad.tracking_url_template": "{lpurl}?utm_source=google&utm_medium=cpc",
      "ad_group_ad.ad.final_url_suffix": `utm_campaign=${campaign.name}`,
      "ad_group_ad.ad.responsive_search_ad.headlines": [{ text: campaign.name.replaceAll("_", " ") }],
      "ad_group_ad.status": STATUS,
      "ad_group_ad.policy_summary.approval_status": "APPROVED",
    },
  }));
}

/** The same words stand in every ad group of a campaign, under one criterion id, as they do in real accounts. */
function keywordsOf({ fields, campaign }: Group): readonly GoogleEntity[] {
  if (campaign.objective !== "SEARCH") return [];
  return ["northpine goods", "pine home gifts"].map((text, index) => ({
    campaign,
    fields: {
      ...fields,
      "ad_group_criterion.criterion_id": `30${index + 1}`,
      "ad_group_criterion.type": "KEYWORD",
      "ad_group_criterion.keyword.text": text,
      "ad_group_criterion.keyword.match_type": index === 0 ? "EXACT" : "PHRASE",
      "ad_group_criterion.status": STATUS,
      "ad_group_criterion.negative": false,
      "ad_group_criterion.quality_info.quality_score": 7 - index,
    },
  }));
}

/** What a click is told with; the clicks themselves are in the world. */
const CLICK: GoogleFields = {
  "campaign.id": "",
  "ad_group.id": "",
  "click_view.gclid": "",
  "click_view.ad_group_ad": "",
  "segments.date": "",
  "metrics.clicks": "0",
};

const ACTIONS: readonly GoogleFields[] = [
  {
    "conversion_action.id": "611000001",
    "conversion_action.name": "Purchase",
    "conversion_action.category": "PURCHASE",
    "conversion_action.type": "WEBPAGE",
    "conversion_action.status": STATUS,
    "conversion_action.primary_for_goal": true,
    "conversion_action.click_through_lookback_window_days": "30",
    "conversion_action.view_through_lookback_window_days": "1",
    "conversion_action.attribution_model_settings.attribution_model": "GOOGLE_SEARCH_ATTRIBUTION_DATA_DRIVEN",
  },
];
