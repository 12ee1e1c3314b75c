/** Orders and what was seen before them, for the tests of journeys (D-47, D-49, D-55). */
import type { Row } from "../warehouse/types.js";
import type { Given } from "./evaluate.js";

/** The orders of the cases are placed at this instant; `days` before it something else happened. */
const ORDERED = Date.parse("2026-02-01T12:00:00Z");
/** An instant so many days before the orders of the cases. */
export const daysBefore = (days: number) => new Date(ORDERED - days * 86_400_000).toISOString();

/** An order of the cases, and what its shop tells of its visits. */
export const order = (id: string, told: Row = {}): Row => ({
  order_id: `shopify:${id}`,
  order_name: `#${id}`,
  processed_at: daysBefore(0),
  source_name: "web",
  ...told,
});

let events = 0;
/** One event of the pixel `days` before the order. */
export function event(visitor: string, days: number, body: Readonly<Record<string, unknown>> = {}): Row {
  events += 1;
  const payload = {
    received_at: daysBefore(Math.min(days, 0)),
    body: { visitor_id: visitor, event_id: `e${events}`, event: "page_viewed", ts: daysBefore(days), ...body },
  };
  return { _key: `e${events}`, payload: JSON.stringify(payload) };
}

/** What the pixel says of where a visit came from. */
export const attributed = (attribution: Readonly<Record<string, string>>) => ({ attribution });
/** A landing of the pixel so many days before the order. */
export const landed = (query: string, days: number) => ({
  attribution: { landing_page: `https://shop.test/?${query}`, landed_at: daysBefore(days) },
});
const referred = (host: string) => ({
  context: { url: "https://shop.test/p/1", referrer: `https://${host}/search?q=1` },
});
/** The visitor finished the checkout of an order, which says nothing about where from. */
export const bought = (visitor: string, id: string, token = `t-${id}`) =>
  event(visitor, 0, { event: "checkout_completed", data: { order_id: id, checkout_token: token } });

const campaign = (source: string, id: string, name: string): Row => ({
  spend_date: "2026-01-31",
  source,
  account_id: "1",
  campaign_id: id,
  campaign_name: name,
  currency: "USD",
  spend_cents: 100,
});
const adSpend = (id: string, name: string, adset: string, adsetName: string): Row => ({
  ...campaign("meta_ads", "9001", "Spring Sale"),
  spend_cents: null,
  ad_spend_cents: 50,
  adset_id: adset,
  adset_name: adsetName,
  ad_id: id,
  ad_name: name,
});

/** What ad accounts have. */
export const SPEND: Given = {
  stg_spend: [
    campaign("google_ads", "77", "Brand"),
    campaign("google_ads", "78", "Shoes | Search 2026"),
    campaign("meta_ads", "9001", "Spring Sale"),
    campaign("meta_ads", "9002", "Prospecting Women EU"),
  ],
  stg_ad_spend: [
    adSpend("501", "Video A", "301", "Lookalike 1 %"),
    adSpend("502", "Image B", "301", "Lookalike 1 %"),
  ].map(({ spend_cents: _, ...row }) => row),
};

/** A click of Google's click view. */
export const click = (gclid: string, date: string, campaign: string, place?: string): Row => ({
  _key: `1|${gclid}|${date}`,
  _slice: date,
  payload: JSON.stringify({
    segments: { date },
    customer: { id: "1" },
    campaign: { id: campaign },
    ...(place === undefined ? {} : { adGroup: { id: place.split("~")[0] } }),
    clickView: { gclid, ...(place === undefined ? {} : { adGroupAd: `customers/1/adGroupAds/${place}` }) },
  }),
});

/** What GA4 says of the session that ended in the order of this name. */
export const analysed = (word: string, source: string, medium: string, campaign = "(not set)"): Row => ({
  _key: `["20260201","${word}","${source}"]`,
  _slice: "2026-02-01",
  payload: JSON.stringify({
    date: "20260201",
    transactionId: word,
    sessionSource: source,
    sessionMedium: medium,
    sessionCampaignName: campaign,
  }),
});

/** What the order must be told by its last touch: channel, confidence, campaign. */
interface Case {
  readonly why: string;
  readonly order?: Row;
  readonly events?: (id: string) => readonly Row[];
  /** Source, medium and campaign of its session in GA4. */
  readonly ga4?: readonly [source: string, medium: string, campaign?: string];
  readonly last: readonly [channel: string | null, confidence: string, campaign?: string];
  /** Its ad set and ad, where the case is about them. */
  readonly ad?: readonly [adset: string | null, ad: string | null];
}

const pixel =
  (...visits: readonly (readonly [days: number, body: Readonly<Record<string, unknown>>])[]) =>
  (id: string) => [...visits.map(([days, body]) => event(`v${id}`, days, body)), bought(`v${id}`, id)];
/** UTM words of a visit. */
export const utm = (source: string, name: string) => attributed({ utm_source: source, utm_campaign: name });
const gclid = (id: string) => pixel([1, landed(`gclid=${id}`, 1)]);
const CLICKED = ["google", "high", "google_ads|1|77"] as const;
const CLICKED_AD = ["google_ads|1|771", "google_ads|1|7711"] as const;

/** How one order is judged by its last touch, case by case. */
export const CASES: readonly Case[] = [
  // tested cases of the predecessor
  { why: "utm campaign of meta: high", events: pixel([1, utm("facebook", "no such")]), last: ["meta", "high"] },
  { why: "utm campaign of google: high", events: pixel([1, utm("adwords", "no such")]), last: ["google", "high"] },
  {
    why: "gclid resolved: high, with its campaign",
    events: pixel([1, landed("gclid=abc&gad_campaignid=77", 1)]),
    last: ["google", "high", "google_ads|1|77"],
  },
  {
    why: "gclid resolved through the click view: high, with its campaign, ad group and ad",
    events: gclid("Cj-1"),
    last: CLICKED,
    ad: CLICKED_AD,
  },
  {
    why: "gclid of Performance Max resolved through the click view: high, with its campaign alone",
    events: pixel([1, attributed({ gclid: "Cj-2" })]),
    last: ["google", "high", "google_ads|1|78"],
    ad: [null, null],
  },
  {
    why: "the click view goes before the campaign that the link names, and before its ad",
    events: pixel([1, landed("gclid=Cj-1&utm_source=google&utm_campaign=Shoes+%7C+Search+2026&utm_content=x", 1)]),
    last: CLICKED,
    ad: CLICKED_AD,
  },
  {
    why: "an order's own gclid is resolved through the click view, without a journey",
    order: { landing_site: "https://shop.test/?GCLID=Cj-1" },
    last: CLICKED,
    ad: CLICKED_AD,
  },
  { why: "gclid of a campaign without spend: medium", events: gclid("Cj-3"), last: ["google", "medium"] },
  { why: "gclid in other letters: another click", events: gclid("cj-1"), last: ["google", "medium"] },
  {
    why: "GA4's session where nobody else saw a visit: its campaign is one of the account's",
    ga4: ["google", "cpc", "Brand"],
    last: ["google", "high", "google_ads|1|77"],
  },
  { why: "GA4's session with a source alone: low", ga4: ["klaviyo", "email"], last: ["email", "low"] },
  { why: "GA4's session by a referral", ga4: ["www.google.com", "referral"], last: ["organic", "low"] },
  {
    why: "GA4's session from nowhere is direct, not unattributed",
    ga4: ["(direct)", "(none)"],
    last: ["direct", "none"],
  },
  { why: "GA4's session that is not set says nothing", ga4: ["(not set)", "(not set)"], last: [null, "none"] },
  {
    why: "GA4 names a source where the pixel saw none",
    events: (id) => [event(id, 1), bought(id, id)],
    ga4: ["klaviyo", "email"],
    last: ["email", "low"],
  },
  {
    why: "the shop's own word goes before GA4's",
    order: { landing_site: "https://shop.test/?fbclid=1" },
    ga4: ["klaviyo", "email"],
    last: ["meta", "medium"],
  },
  { why: "gclid not resolved: medium", events: gclid("abc"), last: ["google", "medium"] },
  { why: "fbclid alone: medium", events: pixel([1, attributed({ fbclid: "abc" })]), last: ["meta", "medium"] },
  { why: "ttclid is TikTok's", events: pixel([1, attributed({ ttclid: "abc" })]), last: ["tiktok", "medium"] },
  { why: "without a journey the order's utm_source: low", order: { utm_source: "fb" }, last: ["meta", "low"] },
  {
    why: "without a journey the order's utm_campaign: medium",
    order: { utm_source: "fb", utm_campaign: "no such" },
    last: ["meta", "medium"],
  },
  {
    why: "without a journey the order's gclid: medium",
    order: { landing_site: "https://shop.test/?gclid=1" },
    last: ["google", "medium"],
  },
  { why: "a journey that carries nothing: direct", events: pixel([1, {}]), last: ["direct", "none"] },
  { why: "no journey at all: unattributed, not direct", last: [null, "none"] },
  { why: "sold at the counter: direct", order: { source_name: "pos" }, last: ["direct", "none"] },
  { why: "a google referrer: organic", events: pixel([1, referred("www.google.com")]), last: ["organic", "low"] },
  {
    why: "a touch 5 days ago counts",
    events: pixel([5, utm("google_ads", "Brand")]),
    last: ["google", "high", "google_ads|1|77"],
  },
  {
    why: "a touch 45 days ago does not: direct",
    events: pixel([45, utm("google_ads", "Brand")]),
    last: ["direct", "none"],
  },
  { why: "a touch 10 days ago", events: pixel([10, attributed({ fbclid: "x" })]), last: ["meta", "medium"] },
  {
    why: "a touch after the order does not count",
    events: (id) => [event(`v${id}`, -1, attributed({ fbclid: "x" })), bought(`v${id}`, id)],
    last: ["direct", "none"],
  },
  {
    why: "the newest gclid beats an older utm",
    events: pixel([6, utm("facebook", "Spring Sale")], [2, attributed({ gclid: "abc" })]),
    last: ["google", "medium"],
  },
  {
    why: "an older gclid does not beat the newest utm",
    events: pixel([6, attributed({ gclid: "abc" })], [2, utm("facebook", "Spring Sale")]),
    last: ["meta", "high", "meta_ads|1|9001"],
  },
  // corrected bugs
  { why: "netflix.com is not x.com", events: pixel([1, referred("www.netflix.com")]), last: ["direct", "none"] },
  { why: "fedex.com is not x.com", events: pixel([1, referred("fedex.com")]), last: ["direct", "none"] },
  { why: "google.co.uk is google", events: pixel([1, referred("www.google.co.uk")]), last: ["organic", "low"] },
  {
    why: "utm_source=organic is organic, not social",
    events: pixel([1, attributed({ utm_source: "organic" })]),
    last: ["organic", "low"],
  },
  { why: "the shop's own page is no referrer", events: pixel([1, referred("shop.test")]), last: ["direct", "none"] },
  // campaign, ad set, ad
  {
    why: "utm_id is the campaign's id",
    events: pixel([1, attributed({ utm_source: "fb", utm_id: "9002" })]),
    last: ["meta", "high", "meta_ads|1|9002"],
  },
  {
    why: "a name alike is taken: shoes-search-2026",
    events: pixel([1, { attribution: { utm_source: "google", utm_medium: "cpc", utm_campaign: "shoes-search-2026" } }]),
    last: ["google", "high", "google_ads|1|78"],
  },
  {
    why: "the same name with another year waits for a decision",
    events: pixel([1, { attribution: { utm_source: "google", utm_medium: "cpc", utm_campaign: "shoes_search_2025" } }]),
    last: ["google", "high"],
  },
  {
    why: "a campaign of another platform's channel is not linked",
    events: pixel([1, utm("tiktok", "Spring Sale")]),
    last: ["tiktok", "high"],
  },
];
