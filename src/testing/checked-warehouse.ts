/** What the checks are tested on: a small warehouse in which each holds, what breaks each, and what it needs to hold. Imported by tests only. */
import type { Given } from "./evaluate.js";

const ORDER = {
  order_id: "1",
  source: "shopify",
  order_date: "2026-02-01",
  channel_id: "meta",
  currency: "USD",
  is_reporting_currency: true,
  is_counted: true,
  gross_cents: 1000,
  discount_cents: 100,
  refund_cents: 0,
  net_cents: 900,
  total_cents: 900,
  tax_cents: 0,
  shipping_cents: 0,
  cogs_cents: 400,
  shipping_cost_cents: 80,
  ops_cost_cents: 20,
  payment_fee_cents: 0,
  contribution_cents: 400,
  line_count: 1,
};
const STAGED = {
  ...pick(ORDER, [
    "order_id",
    "source",
    "currency",
    "gross_cents",
    "discount_cents",
    "tax_cents",
    "shipping_cents",
    "total_cents",
  ]),
  tip_cents: 0,
  duties_cents: 0,
};
const SPEND = {
  spend_date: "2026-02-01",
  source: "meta_ads",
  campaign_key: "k",
  channel_id: "meta",
  currency: "USD",
  original_currency: "USD",
  is_reporting_currency: true,
  spend_cents: 5,
  original_spend_cents: 5,
};
const AD_DAY = { source: "meta_ads", account_id: "1", spend_date: "2026-02-01", currency: "USD" };
/** A campaign's day of the second platform. */
export const GOOGLE_DAY = { ...AD_DAY, source: "google_ads", campaign_id: "11" };
const SNAPSHOT = {
  spend_date: "2026-02-01",
  source: "meta_ads",
  account_id: "1",
  campaign_key: "meta_ads|1|c",
  currency: "USD",
  snapshot_at: "2026-02-01T10:00:00Z",
  spend_so_far_cents: 5,
  spend_cents: 5,
  impressions: 7,
};
const DAYS = ["2026-01-31", "2026-02-01", "2026-02-02"].map((date_day) => ({ date_day }));
const LANDED = { source: "meta_ads", stream: "insights", rows: 1 };

function pick<T extends object>(from: T, names: readonly (keyof T)[]): Partial<T> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Partial<T>;
}

const TRAFFIC = { traffic_date: "2026-02-01", source: "ga4", channel_id: "meta", currency: "USD" };
const RECONCILED = { reconciled_date: "2026-02-01", system: "ga4", currency: "USD" };
const CLAIM = { claim_date: "2026-02-01", system: "ga4", orders: 48, amount_cents: 900, currency: "USD" };
const START = { ...RECONCILED, kind: "start", step: "shop", orders: 50, amount_cents: 1000 };
const REST = { ...RECONCILED, kind: "rest", step: "unexplained", orders: -2, amount_cents: -100 };
const END = { ...RECONCILED, kind: "end", step: "claimed", orders: 48, amount_cents: 900 };
const FRESH = { source: "ga4", stream: "traffic_days", behind_day_count: 0, freshness: "fresh" };
const VOLUME = { relation: "fact_orders", source: "shopify", volume_date: "2026-02-02", volume: 50, verdict: "usual" };
const AVAILABLE = {
  relation: "fact_traffic",
  source: "ga4",
  row_count: 9,
  first_date: "2026-01-01",
  last_date: "2026-02-01",
  missing_day_count: 0,
};

const CREDITED = { order_id: "1", touch_id: "t", model: "linear", credit_millionths: 1e6, net_cents: 900 };

/** A small warehouse in which every check holds. */
export const SOUND: Given = {
  fact_orders: [ORDER],
  stg_orders: [STAGED],
  fact_order_lines: [{ order_line_id: "1", order_id: "1", gross_cents: 1000, discount_cents: 100 }],
  fact_spend: [SPEND],
  stg_spend: [{ source: "meta_ads", spend_cents: 5 }],
  fact_traffic: [{ traffic_date: "2026-02-01", source: "ga4", channel_id: "meta", currency: "USD" }],
  cohorts: [{ cohort_month: "2026-02-01" }],
  fact_claims: [CLAIM],
  fact_reconciliation: [START, REST, END],
  fact_freshness: [FRESH],
  fact_volumes: [VOLUME],
  fact_availability: [AVAILABLE],
  fact_payouts: [
    { payout_id: "p", payout_date: "2026-02-01", amount_cents: 900, unexplained_cents: 0, currency: "USD" },
  ],
  fact_ledger: [{ entry_id: "sale:1", state: "CLEARED", payout_id: "p", matched_by: "transaction" }],
  fact_ledger_changes: [{ entry_id: "sale:1", change_number: 2, state: "CLEARED", is_current: true }],
  fact_attribution: [CREDITED],
  dim_date: DAYS,
  dim_channel: [{ channel_id: "meta" }],
  dim_campaign: [{ campaign_key: "k" }],
  "meta.sources": [LANDED, { source: "shopify", stream: "orders", rows: 1 }],
  "meta.configured": [{ source: "meta_ads" }, { source: "ga4" }],
};

/** What breaks each check; the check must be the one that notices. */
export const BROKEN: Readonly<Record<string, Given>> = {
  fact_spend__not_negative: {
    fact_spend: [{ ...SPEND, spend_cents: -5, original_spend_cents: -5 }],
    stg_spend: [{ source: "meta_ads", spend_cents: -5 }],
  },
  fact_orders__net_not_above_gross: {
    fact_orders: [{ ...ORDER, discount_cents: -100, net_cents: 1100, contribution_cents: 600 }],
  },
  fact_attribution__adds_up: { fact_attribution: [{ ...CREDITED, net_cents: 899 }] },
  dim_date__continuous: { dim_date: [...DAYS, { date_day: "2026-02-04" }] },
  fact_orders__channel_known: { fact_orders: [{ ...ORDER, channel_id: null }] },
  fact_spend__channel_known: { fact_spend: [{ ...SPEND, channel_id: "radio" }] },
  fact_traffic__channel_known: {
    fact_traffic: [{ traffic_date: "2026-02-01", source: "ga4", channel_id: null, currency: "USD" }],
  },
  channel_rules__name_known_channels: { dim_channel: [{ channel_id: "radio" }] },
  fact_orders__not_empty: { fact_orders: [] },
  fact_spend__not_empty: { fact_spend: [] },
  fact_traffic__not_empty: { fact_traffic: [] },
  fact_traffic__funnel_seen: {
    fact_traffic: [
      {
        traffic_date: "2026-02-01",
        source: "ga4",
        channel_id: "meta",
        purchases: 3,
        product_views: 9,
        add_to_carts: 0,
        currency: "USD",
      },
    ],
  },
  cohorts__not_empty: { cohorts: [], fact_orders: [{ ...ORDER, customer_id: "a" }] },
  fact_orders__no_duplicates: {
    fact_orders: [
      { ...ORDER, order_name: "#1" },
      { ...ORDER, order_id: "2", order_name: "#1" },
    ],
  },
  fact_orders__revenue_not_null: { fact_orders: [{ ...ORDER, gross_cents: null }] },
  fact_orders__money_identity: { fact_orders: [{ ...ORDER, net_cents: 899 }] },
  fact_orders__days_equal_orders: { stg_orders: [{ ...STAGED, gross_cents: 1001 }] },
  fact_order_lines__add_up_to_orders: {
    fact_order_lines: [{ order_line_id: "1", order_id: "1", gross_cents: 997, discount_cents: 100 }],
  },
  fact_orders__reporting_currency: { fact_orders: [{ ...ORDER, currency: "EUR", is_reporting_currency: false }] },
  fact_orders__converted_at_fresh_rates: {
    fact_orders: [{ ...ORDER, original_currency: "GBP", fx_date: "2026-01-24" }],
  },
  stg_rates__not_empty: { "meta.configured": [{ source: "fx" }] },
  fact_spend__reporting_currency: { fact_spend: [{ ...SPEND, currency: "EUR", is_reporting_currency: false }] },
  fact_refunds__not_above_order: {
    stg_refunds: [{ refund_id: "r", order_id: "1", refund_cents: 0, total_cents: 901 }],
  },
  stg_orders__total_adds_up: { stg_orders: [{ ...STAGED, tax_cents: 50 }] },
  stg_spend__every_source_present: {
    "meta.sources": [LANDED, { source: "google_ads", stream: "campaign_days", rows: 1 }],
  },
  stg_ad_spend__near_campaign_level: {
    stg_spend: [{ ...AD_DAY, spend_cents: 5 }],
    stg_ad_spend: [{ ...AD_DAY, ad_spend_cents: 4 }],
  },
  stg_ad_hours__add_up_to_days: {
    // The second day before is out by one millionth; eight days before, hours are no longer read again.
    stg_ad_campaign_days: [
      { ...GOOGLE_DAY, spend_date: "2026-01-24", cost_micros: 9 },
      { ...GOOGLE_DAY, spend_date: "2026-01-30", cost_micros: 1_000_001 },
      { ...GOOGLE_DAY, cost_micros: 5 },
    ],
    stg_ad_hours: [
      { ...GOOGLE_DAY, spend_date: "2026-01-24", spend_hour: 3, cost_micros: 8 },
      { ...GOOGLE_DAY, spend_date: "2026-01-30", spend_hour: 3, cost_micros: 1_000_000 },
      { ...GOOGLE_DAY, spend_hour: 3, cost_micros: 2 },
      { ...GOOGLE_DAY, spend_hour: 4, cost_micros: 3 },
    ],
  },
  stg_ad_campaign_days__all_counted: {
    stg_ad_campaign_days: [
      { ...GOOGLE_DAY, spend_cents: 5, channel_type: "SEARCH" },
      { ...GOOGLE_DAY, campaign_id: "12", spend_cents: 7, channel_type: "PERFORMANCE_MAX" },
    ],
    stg_spend: [{ ...GOOGLE_DAY, spend_cents: 5 }],
  },
  stg_ad_accounts__one_currency_and_zone: {
    stg_ad_accounts: [
      { source: "meta_ads", account_id: "1", currency: "USD", time_zone: "Asia/Tokyo" },
      { source: "meta_ads", account_id: "1", currency: "USD", time_zone: "Europe/Berlin" },
    ],
  },
  stg_ad_accounts__zone_known: {
    stg_ad_accounts: [{ source: "meta_ads", account_id: "1", currency: "USD", unknown_time_zone: "Mars/Olympus" }],
  },
  fact_spend_intraday__falls_are_flagged: {
    fact_spend_intraday: [
      { ...SNAPSHOT, snapshot_at: "2026-02-01T10:00:00Z", spend_so_far_cents: 5 },
      { ...SNAPSHOT, snapshot_at: "2026-02-01T10:15:00Z", spend_so_far_cents: 4, is_restated: false },
    ],
  },
  fact_spend_intraday__adds_up: {
    fact_spend_intraday: [{ ...SNAPSHOT, spend_cents: 4 }],
    stg_spend_intraday: [
      {
        ...pick(SNAPSHOT, ["snapshot_at", "spend_date", "source", "account_id", "currency", "spend_so_far_cents"]),
        campaign_id: "c",
        impressions: 7,
      },
    ],
  },
  stg_orders__unique: { stg_orders: [STAGED, STAGED] },
  fact_orders__unique: { fact_orders: [ORDER, ORDER] },
  fact_orders__customer_id_in_dim_customer: { fact_orders: [{ ...ORDER, customer_id: "stranger" }] },
  fact_orders__campaign_key_in_dim_campaign: { fact_orders: [{ ...ORDER, campaign_key: "stranger" }] },
  fact_orders__order_date_in_dim_date: { fact_orders: [{ ...ORDER, order_date: "2030-01-01" }] },
  fact_freshness__within_warning: { fact_freshness: [{ ...FRESH, behind_day_count: 2, freshness: "warning" }] },
  fact_freshness__within_error: { fact_freshness: [{ ...FRESH, behind_day_count: 4, freshness: "error" }] },
  fact_gaps__no_missing_days: {
    fact_gaps: [
      {
        relation: "fact_traffic",
        source: "ga4",
        first_date: "2026-01-05",
        last_date: "2026-01-06",
        gap_kind: "missing",
        day_count: 2,
      },
    ],
  },
  fact_volumes__as_usual: { fact_volumes: [{ ...VOLUME, verdict: "low" }] },
  fact_reconciliation__adds_up: { fact_reconciliation: [START, { ...REST, amount_cents: -101 }, END] },
  // 6 of 50 orders are more than 10 percent, 5 are not.
  fact_reconciliation__ga4_near_shop: { fact_reconciliation: [START, { ...REST, orders: -6 }, END] },
  fact_payouts__explained: { fact_payouts: [{ payout_id: "p", amount_cents: 900, unexplained_cents: -1 }] },
  fact_ledger__states_follow_changes: { fact_ledger: [{ entry_id: "sale:1", state: "CLEARED", payout_id: null }] },
  dim_user__ids_once: { dim_user: [{ user_id: "7", row_count: 2 }] },
  dim_location__ids_once: { dim_location: [{ location_id: "3", row_count: 2 }] },
  dim_user__location_known: {
    dim_user: [
      { user_id: "7", location_id: "9" },
      { user_id: "8", location_id: null },
    ],
    dim_location: [{ location_id: "3" }],
  },
};

/** What the sound warehouse lacks and a check needs, so that it can hold. */
export const HOLDS: Readonly<Record<string, Given>> = {
  channel_rules__name_known_channels: {
    dim_channel: "meta google tiktok microsoft pinterest snapchat linkedin affiliate email sms organic direct other"
      .split(" ")
      .map((channel_id) => ({ channel_id })),
  },
  cohorts__not_empty: { fact_orders: [{ ...ORDER, customer_id: "a" }] },
  dim_user__ids_once: { dim_user: [{ user_id: "7", row_count: 1 }] },
  dim_location__ids_once: { dim_location: [{ location_id: "3", row_count: 1 }] },
  dim_user__location_known: { dim_user: [{ user_id: "7", location_id: "3" }], dim_location: [{ location_id: "3" }] },
  fact_orders__converted_at_fresh_rates: {
    fact_orders: [{ ...ORDER, original_currency: "GBP", fx_date: "2026-01-25" }],
  },
  fact_refunds__not_above_order: { stg_refunds: [{ refund_id: "r", order_id: "1", total_cents: 900 }] },
  fact_spend_intraday__adds_up: {
    fact_spend_intraday: [SNAPSHOT],
    stg_spend_intraday: [
      {
        ...pick(SNAPSHOT, ["snapshot_at", "spend_date", "source", "account_id", "currency", "spend_so_far_cents"]),
        campaign_id: "c",
        impressions: 7,
      },
    ],
  },
  fact_spend_intraday__falls_are_flagged: { fact_spend_intraday: [SNAPSHOT] },
  fact_traffic__funnel_seen: {
    fact_traffic: [{ ...TRAFFIC, purchases: 3, product_views: 9, add_to_carts: 4 }],
  },
  stg_ad_accounts__one_currency_and_zone: {
    stg_ad_accounts: [{ source: "meta_ads", account_id: "1", currency: "USD", time_zone: "Asia/Tokyo" }],
  },
  stg_ad_accounts__zone_known: {
    stg_ad_accounts: [{ source: "meta_ads", account_id: "1", currency: "USD", time_zone: "Asia/Tokyo" }],
  },
  stg_ad_campaign_days__all_counted: {
    stg_ad_campaign_days: [{ ...GOOGLE_DAY, spend_cents: 5, channel_type: "SEARCH" }],
    stg_spend: [{ ...GOOGLE_DAY, spend_cents: 5 }],
  },
  stg_ad_hours__add_up_to_days: {
    stg_ad_campaign_days: [{ ...GOOGLE_DAY, cost_micros: 5 }],
    stg_ad_hours: [{ ...GOOGLE_DAY, spend_hour: 3, cost_micros: 5 }],
  },
  stg_ad_spend__near_campaign_level: {
    stg_spend: [{ ...AD_DAY, spend_cents: 100 }],
    stg_ad_spend: [{ ...AD_DAY, ad_spend_cents: 99 }],
  },
  stg_rates__not_empty: {
    "meta.configured": [{ source: "fx" }],
    stg_rates: [{ rate_date: "2026-02-01", currency: "USD" }],
  },
};
