/** What is asked of Google Ads, one report per stream. Names are GAQL; answers bear the same names in camelCase. */
import type { SyncMode, TrackedSettings } from "../types.js";

/** One stream: a resource, its fields, and what tells its rows apart. */
export interface Report {
  /** Name of the stream. */
  readonly name: string;
  readonly from: string;
  readonly fields: readonly string[];
  /** A condition beside the days. */
  readonly where?: string;
  readonly sync: SyncMode;
  /** Paths in a row that make up its key, in order. */
  readonly key: readonly string[];
  readonly measures?: Readonly<Record<string, string>>;
  readonly tracked?: TrackedSettings["fields"];
  /** Asked day by day: the resource takes no more than one. */
  readonly byDay?: true;
  readonly today?: true;
}

/**
 * Days that are read again at campaign level. Conversions are booked on the day of the click and may arrive as late as the longest
 * window of an enabled conversion action (up to 90 days), credits for invalid clicks for weeks; most of it within 30 days, which is
 * also the default window. A longer window is a warning of `conversion_actions`.
 */
export const LOOKBACK_DAYS = 30;

/** Hours are for the course of a day; they are settled with the first week and would be 24 times the rows. */
const HOURS_LOOKBACK_DAYS = 7;

const FULL = { kind: "full" } as const;
const ACCOUNT = ["customer.id", "customer.currency_code", "customer.time_zone"];
/** int64 values arrive as texts, doubles as numbers; cost in micros of the account's currency, values in whole units of it. */
const METRICS = [
  "metrics.impressions",
  "metrics.clicks",
  "metrics.cost_micros",
  "metrics.conversions",
  "metrics.conversions_value",
];
/** How many days of a slice; one slice is one operation per account, whatever it holds. */
const daily = { kind: "window", lookbackDays: LOOKBACK_DAYS, chunkDays: 30 } as const;

/** Every stream. Entities are read whole, removed ones included, because days of the past belong to them. */
export const REPORTS: readonly Report[] = [
  {
    name: "customers",
    from: "customer",
    fields: [
      ...ACCOUNT,
      "customer.descriptive_name",
      "customer.manager",
      "customer.test_account",
      "customer.status",
      "customer.auto_tagging_enabled",
    ],
    sync: FULL,
    key: ["customer.id"],
    tracked: { name: "customer.descriptiveName", status: "customer.status" },
  },
  {
    name: "campaigns",
    from: "campaign",
    fields: [
      "customer.id",
      "customer.currency_code",
      "campaign.id",
      "campaign.name",
      "campaign.status",
      "campaign.serving_status",
      "campaign.advertising_channel_type",
      "campaign.advertising_channel_sub_type",
      "campaign.bidding_strategy_type",
      "campaign.start_date_time",
      "campaign.end_date_time",
      "campaign_budget.id",
      "campaign_budget.amount_micros",
      "campaign_budget.total_amount_micros",
      "campaign_budget.period",
      "campaign_budget.explicitly_shared",
    ],
    sync: FULL,
    key: ["customer.id", "campaign.id"],
    // Micros a day, or for the whole run of a budget that has a last day.
    tracked: {
      name: "campaign.name",
      status: "campaign.status",
      daily_budget: "campaignBudget.amountMicros",
      lifetime_budget: "campaignBudget.totalAmountMicros",
    },
  },
  {
    name: "ad_groups",
    from: "ad_group",
    fields: [
      "customer.id",
      "customer.currency_code",
      "campaign.id",
      "ad_group.id",
      "ad_group.name",
      "ad_group.status",
      "ad_group.type",
      "ad_group.cpc_bid_micros",
    ],
    sync: FULL,
    key: ["customer.id", "adGroup.id"],
    tracked: { name: "adGroup.name", status: "adGroup.status" },
  },
  {
    name: "ads",
    from: "ad_group_ad",
    fields: [
      "customer.id",
      "campaign.id",
      "ad_group.id",
      "ad_group_ad.ad.id",
      "ad_group_ad.ad.name",
      "ad_group_ad.ad.type",
      "ad_group_ad.status",
      "ad_group_ad.ad.final_urls",
      "ad_group_ad.ad.tracking_url_template",
      "ad_group_ad.ad.final_url_suffix",
      "ad_group_ad.ad.responsive_search_ad.headlines",
      "ad_group_ad.policy_summary.approval_status",
    ],
    sync: FULL,
    key: ["customer.id", "adGroup.id", "adGroupAd.ad.id"],
    tracked: { name: "adGroupAd.ad.name", status: "adGroupAd.status" },
  },
  {
    name: "keywords",
    from: "ad_group_criterion",
    where: "ad_group_criterion.type = 'KEYWORD'",
    fields: [
      "customer.id",
      "campaign.id",
      "ad_group.id",
      "ad_group_criterion.criterion_id",
      "ad_group_criterion.keyword.text",
      "ad_group_criterion.keyword.match_type",
      "ad_group_criterion.status",
      "ad_group_criterion.negative",
      "ad_group_criterion.quality_info.quality_score",
    ],
    sync: FULL,
    // The same words stand in many ad groups, and a criterion id in many ad groups too: only both together are one keyword.
    key: ["customer.id", "adGroup.id", "adGroupCriterion.criterionId"],
  },
  {
    name: "conversion_actions",
    from: "conversion_action",
    fields: [
      "customer.id",
      "conversion_action.id",
      "conversion_action.name",
      "conversion_action.category",
      "conversion_action.type",
      "conversion_action.status",
      "conversion_action.primary_for_goal",
      "conversion_action.click_through_lookback_window_days",
      "conversion_action.view_through_lookback_window_days",
      "conversion_action.attribution_model_settings.attribution_model",
    ],
    sync: FULL,
    key: ["customer.id", "conversionAction.id"],
  },
  {
    // The truth about spend: Performance Max has no ad groups and no ads, so finer reports add up to less.
    name: "campaign_days",
    from: "campaign",
    fields: [
      "segments.date",
      ...ACCOUNT,
      "customer.descriptive_name",
      "campaign.id",
      "campaign.name",
      "campaign.status",
      "campaign.advertising_channel_type",
      ...METRICS,
      "metrics.all_conversions",
      "metrics.all_conversions_value",
      "metrics.view_through_conversions",
      "metrics.conversions_by_conversion_date",
      "metrics.conversions_value_by_conversion_date",
      "metrics.search_impression_share",
    ],
    sync: daily,
    key: ["customer.id", "campaign.id", "segments.date"],
    measures: {
      cost_micros: "metrics.costMicros",
      clicks: "metrics.clicks",
      impressions: "metrics.impressions",
      conversions: "metrics.conversions",
    },
    today: true,
  },
  {
    name: "campaign_hours",
    from: "campaign",
    fields: ["segments.date", "segments.hour", ...ACCOUNT, "campaign.id", ...METRICS],
    sync: { kind: "window", lookbackDays: HOURS_LOOKBACK_DAYS, chunkDays: 28 },
    key: ["customer.id", "campaign.id", "segments.date", "segments.hour"],
  },
  {
    name: "ad_days",
    from: "ad_group_ad",
    fields: ["segments.date", ...ACCOUNT, "campaign.id", "ad_group.id", "ad_group_ad.ad.id", ...METRICS],
    sync: daily,
    key: ["customer.id", "adGroup.id", "adGroupAd.ad.id", "segments.date"],
  },
  {
    // Which ad a click id belongs to. A click is told once and for all; the last day is read again, because it may have been told too early.
    // Every day is an operation, so history comes last: Google answers for 90 days, one is left to time zones.
    name: "click_views",
    from: "click_view",
    fields: [
      "segments.date",
      "customer.id",
      "campaign.id",
      "ad_group.id",
      "click_view.gclid",
      "click_view.ad_group_ad",
      "metrics.clicks",
    ],
    sync: { kind: "window", lookbackDays: 2, chunkDays: 10, reachDays: 89 },
    key: ["customer.id", "clickView.gclid", "segments.date"],
    byDay: true,
  },
];

/** Client accounts below a manager, at any depth, those that cannot be read any more included. */
export const CLIENTS_QUERY =
  "SELECT customer_client.id, customer_client.status FROM customer_client WHERE customer_client.manager = FALSE";
