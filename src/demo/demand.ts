import { effect } from "./anomalies.js";
import { ENTRANCES, LANDING_RATE } from "./campaigns.js";
import { jitter } from "./chance.js";
import type { AdCampaign, DemoDay, Entrance, Rounder, Stream } from "./types.js";

/** Growth over 180 days: budgets rise faster than what they bring. */
const SPEND_GROWTH = 0.34;
const FADING = 0.24;
const UNPAID_GROWTH = 0.14;

/** Orders per visit of people who know the shop. */
const RETURNING_CONVERSION = 0.034;

/** What one entrance brings on one day. Sessions are true and expected ones, before GA4 loses some. */
export interface Demand {
  readonly today: DemoDay;
  readonly entrance: Entrance;
  readonly spendCents: number;
  readonly impressions: number;
  readonly clicks: number;
  readonly sessions: number;
  readonly newOrders: number;
  readonly returningOrders: number;
  /** Orders expected if nobody were lost at checkout: what carts and checkouts are made of. */
  readonly wantedOrders: number;
}

/** What demand depends on beside the day itself. */
interface Circumstances {
  /** Expected orders by known customers on an ordinary day. */
  readonly returning: number;
  readonly stream: Stream;
  readonly round: Rounder;
}

/** The day at every entrance: money and season bring visits, visits bring orders. */
export function demandOf(today: DemoDay, given: Circumstances): readonly Demand[] {
  return ENTRANCES.map((entrance) => demandAt(entrance, today, given));
}

function demandAt(entrance: Entrance, today: DemoDay, { returning, stream, round }: Circumstances): Demand {
  const time = today.index / 180;
  const scope = { channel: entrance.channel, campaign: entrance.campaign };
  const ads = entrance.ad === null ? NO_ADS : adTraffic(entrance.ad, today, stream);
  const atCart = today.conversion * effect(today.events, { what: "conversion", step: "cart", ...scope });
  const atCheckout = effect(today.events, { what: "conversion", step: "checkout", ...scope });

  const unpaid = entrance.newSessions * (1 + UNPAID_GROWTH * time) * today.traffic * jitter(stream, 0.05);
  const newVisits = ads.sessions + unpaid;
  const wantedNew = newVisits * entrance.converts * (entrance.ad === null ? 1 : 1 - FADING * time) * atCart;

  const back = returning * entrance.returningShare * today.traffic;
  const wantedBack = back * atCart;
  // Visitors of paid entrances have all been paid for; elsewhere known customers come on top.
  const backVisits = entrance.ad === null ? (back / RETURNING_CONVERSION) * jitter(stream, 0.05) : 0;
  return {
    today,
    entrance,
    spendCents: ads.spendCents,
    impressions: ads.impressions,
    clicks: ads.clicks,
    sessions: newVisits + backVisits,
    newOrders: round(`new/${entrance.id}`, wantedNew * atCheckout),
    returningOrders: round(`returning/${entrance.id}`, wantedBack * atCheckout),
    wantedOrders: wantedNew + wantedBack,
  };
}

interface AdTraffic {
  readonly spendCents: number;
  readonly impressions: number;
  readonly clicks: number;
  readonly sessions: number;
}

const NO_ADS: AdTraffic = { spendCents: 0, impressions: 0, clicks: 0, sessions: 0 };

/** Money becomes clicks, clicks become sessions; clicks are dearer when everybody advertises. */
function adTraffic(ad: AdCampaign, { index, spend, events }: DemoDay, stream: Stream): AdTraffic {
  const channel = ad.platform === "meta_ads" ? "meta" : "google";
  const plan = ad.spendCents * (1 + SPEND_GROWTH * (index / 180)) * spend;
  const changed = effect(events, { what: "spend", channel, campaign: ad.name });
  const spendCents = Math.round(plan * changed * jitter(stream, 0.03));
  const dearer = 1 + Math.max(0, spend - 1) * 0.25;
  const clicks = Math.round(spendCents / (ad.clickCents * dearer * jitter(stream, 0.03)));
  return {
    spendCents,
    clicks,
    impressions: Math.round(clicks / (ad.clickRate * jitter(stream, 0.04))),
    sessions: clicks * LANDING_RATE[ad.platform],
  };
}
