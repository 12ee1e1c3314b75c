import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bench, openBench } from "../testing/evaluate.js";
import type { Row } from "../warehouse/types.js";

/** What an order tells, and the channel it must get. */
type Case = readonly [why: string, evidence: Row, channel: string];

const landing = (query: string): Row => ({ landing_site: `https://shop.test/?${query}` });
const utm = (source: string | null, medium: string | null = null): Row => ({ utm_source: source, utm_medium: medium });
const referrer = (host: string): Row => ({ referring_site: `https://${host}/path?x=1` });
const visit = (source: string | null, type: string | null = null, medium: string | null = null): Row => ({
  visit_source: source,
  visit_source_type: type,
  utm_medium: medium,
});

const CASES: readonly Case[] = [
  // click ids
  ["gclid", landing("gclid=abc"), "google"],
  ["gclid in any case", landing("a=1&GCLID=abc"), "google"],
  ["gbraid", landing("gbraid=abc"), "google"],
  ["wbraid", landing("wbraid=abc"), "google"],
  ["fbclid", landing("fbclid=abc"), "meta"],
  ["ttclid", landing("ttclid=abc"), "tiktok"],
  ["msclkid", landing("msclkid=abc"), "microsoft"],
  ["epik", landing("epik=abc"), "pinterest"],
  ["ScCid", landing("ScCid=abc"), "snapchat"],
  ["li_fat_id", landing("li_fat_id=abc"), "linkedin"],
  ["irclickid", landing("irclickid=abc"), "affiliate"],
  ["awc", landing("awc=abc"), "affiliate"],
  ["an empty click id is none", landing("gclid="), "direct"],
  ["a click id in the fragment is none", { landing_site: "https://shop.test/#?gclid=1" }, "direct"],
  ["another parameter that ends alike is none", landing("xgclid=1"), "direct"],
  ["gclid with a google referrer", { ...landing("gclid=a"), ...referrer("google.com") }, "google"],
  ["gclid beats utm facebook", { ...landing("gclid=a"), ...utm("facebook", "cpc") }, "google"],
  ["gclid beats fbclid", landing("fbclid=a&gclid=b"), "google"],
  ["fbclid beats utm google", { ...landing("fbclid=a"), ...utm("google", "cpc") }, "meta"],
  // the shop's last visit
  ["visit google without medium", visit("Google"), "google"],
  ["visit google, organic", visit("google", null, "organic"), "organic"],
  ["visit google, SEO", visit("Google", "SEO"), "organic"],
  ["visit facebook", visit("Facebook"), "meta"],
  ["visit instagram", visit("instagram"), "meta"],
  ["visit tiktok, social", visit("TikTok", "SOCIAL"), "tiktok"],
  ["visit pinterest", visit("Pinterest", "SOCIAL"), "pinterest"],
  ["visit snapchat", visit("Snapchat"), "snapchat"],
  ["visit linkedin", visit("LinkedIn"), "linkedin"],
  ["visit bing", visit("Bing"), "organic"],
  ["visit bing, paid", visit("Bing", null, "cpc"), "microsoft"],
  ["visit duckduckgo as a domain", visit("duckduckgo.com"), "organic"],
  ["visit type email", visit(null, "EMAIL"), "email"],
  ["visit klaviyo", visit("klaviyo_flow"), "email"],
  ["visit mailchimp", visit("Mailchimp"), "email"],
  ["visit sms", visit(null, "sms"), "sms"],
  ["visit social, another network", visit("mastodon", "SOCIAL"), "other"],
  ["visit direct", visit("direct", "DIRECT"), "direct"],
  ["visit unknown goes on to utm", { ...visit("an unknown source"), ...utm("klaviyo") }, "email"],
  // utm
  ["facebook / cpc", utm("facebook", "cpc"), "meta"],
  ["fb / paid", utm("fb", "paid"), "meta"],
  ["ig", utm("ig"), "meta"],
  ["instagram", utm("Instagram"), "meta"],
  ["facebook as a word", utm("facebook_ads_retargeting"), "meta"],
  ["meta", utm("meta"), "meta"],
  ["google / cpc", utm("google", "cpc"), "google"],
  ["google / ppc", utm("google", "PPC"), "google"],
  ["google / paid", utm("google", "paid"), "google"],
  ["google / shopping", utm("google", "shopping"), "google"],
  ["google / organic", utm("google", "organic"), "organic"],
  ["google without medium", utm("google"), "organic"],
  ["google / surfaces", utm("google", "surfaces"), "organic"],
  ["google / display", utm("google", "display"), "other"],
  ["gads", utm("gads"), "google"],
  ["google_ads", utm("google_ads"), "google"],
  ["adwords", utm("adwords"), "google"],
  ["tiktok", utm("tiktok"), "tiktok"],
  ["tt", utm("tt", "paid"), "tiktok"],
  ["bing / cpc", utm("bing", "cpc"), "microsoft"],
  ["bing / organic", utm("bing", "organic"), "organic"],
  ["yahoo without medium", utm("yahoo"), "organic"],
  ["pinterest", utm("pinterest", "cpc"), "pinterest"],
  ["snapchat", utm("snapchat"), "snapchat"],
  ["linkedin", utm("linkedin", "paid"), "linkedin"],
  ["youtube / cpc", utm("youtube", "cpc"), "google"],
  ["youtube", utm("youtube", "social"), "organic"],
  ["klaviyo", utm("klaviyo"), "email"],
  ["mailchimp", utm("mailchimp", "campaign"), "email"],
  ["newsletter / email", utm("newsletter", "email"), "email"],
  ["newsletter alone", utm("newsletter"), "email"],
  ["email", utm("email"), "email"],
  ["any source / email", utm("spring_sale", "email"), "email"],
  ["klaviyo / sms", utm("klaviyo", "sms"), "sms"],
  ["attentive", utm("attentive"), "sms"],
  ["push", utm("pushowl", "push"), "sms"],
  ["affiliate_partner", utm("affiliate_partner"), "affiliate"],
  ["blog / referral", utm("blog", "referral"), "affiliate"],
  ["utm_source=organic is not social", utm("organic"), "organic"],
  ["another source", utm("partnerx"), "other"],
  ["netflix is not x, and not another network either", utm("netflix"), "other"],
  // shops' own parameters
  ["_kx of Klaviyo", landing("_kx=abc"), "email"],
  ["ref", landing("ref=anna"), "affiliate"],
  ["a utm source beats ref", { ...landing("ref=anna"), ...utm("google", "cpc") }, "google"],
  // referrer
  ["facebook.com", referrer("l.facebook.com"), "meta"],
  ["instagram.com", referrer("instagram.com"), "meta"],
  ["google.com", referrer("www.google.com"), "organic"],
  ["google.co.uk", referrer("www.google.co.uk"), "organic"],
  ["google.com.tr", referrer("google.com.tr"), "organic"],
  ["google / cpc", { ...referrer("www.google.com"), ...utm(null, "cpc") }, "google"],
  ["bing.com", referrer("www.bing.com"), "organic"],
  ["yahoo.com", referrer("de.search.yahoo.com"), "organic"],
  ["duckduckgo.com", referrer("duckduckgo.com"), "organic"],
  ["baidu.com", referrer("www.baidu.com"), "organic"],
  ["yandex.ru", referrer("yandex.ru"), "organic"],
  ["a mailbox", referrer("mail.google.com"), "email"],
  ["tiktok.com", referrer("www.tiktok.com"), "tiktok"],
  ["pinterest.co.uk", referrer("www.pinterest.co.uk"), "pinterest"],
  ["snapchat.com", referrer("www.snapchat.com"), "snapchat"],
  ["linkedin.com", referrer("www.linkedin.com"), "linkedin"],
  ["youtube.com", referrer("www.youtube.com"), "organic"],
  ["x.com", referrer("x.com"), "organic"],
  ["t.co", referrer("t.co"), "organic"],
  ["reddit.com", referrer("old.reddit.com"), "organic"],
  ["netflix.com is not x.com", referrer("www.netflix.com"), "direct"],
  ["fedex.com is not x.com", referrer("fedex.com"), "direct"],
  ["google.evil.com is not google", referrer("google.evil.com"), "direct"],
  ["notgoogle.com is not google", referrer("notgoogle.com"), "direct"],
  // the rest
  ["pos", { source_name: "pos" }, "direct"],
  ["draft order", { source_name: "shopify_draft_order" }, "direct"],
  ["web only", { source_name: "web" }, "direct"],
  ["nothing at all", {}, "direct"],
];

describe("channel rules", () => {
  let bench: Bench;
  let channels: ReadonlyMap<string, string>;
  beforeAll(async () => {
    bench = await openBench();
    const orders = CASES.map(([, evidence], index) => ({ order_id: String(index), ...evidence }));
    const rows = await bench.rowsOf("int_orders__attributed", { stg_orders: orders, stg_spend: [] });
    channels = new Map(rows.map((row) => [String(row["order_id"]), String(row["channel_id"])]));
  });
  afterAll(() => bench.close());

  it.each(CASES.map(([why, , channel], index) => [why, channel, index] as const))("%s: %s", (_, channel, index) => {
    expect(channels.get(String(index))).toBe(channel);
  });

  it.each([
    ["Paid Social", "meta"],
    ["Paid Search", "google"],
    ["Paid Shopping", "google"],
    ["Organic Search", "organic"],
    ["Organic Social", "organic"],
    ["Email", "email"],
    ["SMS", "sms"],
    ["Referral", "affiliate"],
    ["Affiliates", "affiliate"],
    ["Direct", "direct"],
    ["Cross-network", "other"],
    ["Unassigned", "other"],
  ])("GA4 group %s: %s", async (group, channel) => {
    const row = { traffic_date: "2026-02-01", source: "ga4", channel_group: group, sessions: 1, currency: "USD" };
    const [found] = await bench.rowsOf("int_traffic__attributed", { stg_traffic: [row] });
    expect(found?.["channel_id"]).toBe(channel);
  });

  it("has no rule twice and every rule is written in lower case", async () => {
    const twice = await bench.db.all(
      "select kind, value, qualifier from seeds.channel_rules group by all having count(*) > 1",
    );
    expect(twice).toEqual([]);
    expect(await bench.db.all("select * from seeds.channel_rules where value <> lower(value)")).toEqual([]);
  });
});
