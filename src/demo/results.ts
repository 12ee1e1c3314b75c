import type { ISODate } from "../base/dates.js";
import { effect } from "./anomalies.js";
import { OVERCLAIM } from "./campaigns.js";
import { jitter } from "./chance.js";
import type { Demand } from "./demand.js";
import { moneyOf } from "./orders.js";
import type { AdDay, Order, Rounder, Stream, TrafficDay } from "./types.js";

/** Of 100 visits with a checkout started, so many end with an order; of 100 with a cart, so many start checkout. */
const ORDERS_PER_CHECKOUT = 0.62;
const CHECKOUTS_PER_CART = 0.53;
const VIEWS_PER_SESSION = 0.66;

/** What a day's visits led to, at one entrance. */
export interface Outcome {
  readonly demand: Demand;
  readonly orders: readonly Order[];
}

/** Orders of the web shop by day and entrance: what the ad platforms and GA4 speak about. Test orders send no events. */
export function ordersByEntrance(orders: readonly Order[]): (day: ISODate, entranceId: string) => readonly Order[] {
  const groups = new Map<string, Order[]>();
  for (const order of orders) {
    if (order.entrance === null || order.kind === "test") continue;
    const key = `${order.day} ${order.entrance.id}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [order]);
    else group.push(order);
  }
  return (day, id) => groups.get(`${day} ${id}`) ?? [];
}

/** The platform's view of a campaign's day: true spend and clicks, and more orders than it caused. */
export function adDayOf({ demand, orders }: Outcome, round: Rounder): AdDay | null {
  const { entrance } = demand;
  const { day } = demand.today;
  if (entrance.ad === null) return null;
  const factor = OVERCLAIM[entrance.ad.platform];
  const orderCents = orders.reduce((sum, order) => sum + moneyOf(order).goods, 0);
  const claimed = orders.length * factor;
  return {
    day,
    entrance,
    campaign: entrance.ad,
    spendCents: demand.spendCents,
    impressions: demand.impressions,
    clicks: demand.clicks,
    sessions: Math.round(demand.sessions),
    orders: orders.length,
    orderCents,
    // Google credits fractions of a conversion, Meta whole ones.
    claimedOrders: entrance.ad.platform === "google_ads" ? claimed : round(`claimed/${entrance.id}`, claimed),
    claimedCents: Math.round(orderCents * factor),
  };
}

/** GA4's view of an entrance's day: fewer purchases than there were, and on bad days fewer of everything. */
export function trafficDayOf({ demand, orders }: Outcome, round: Rounder, stream: Stream): TrafficDay {
  const { entrance } = demand;
  const { day, events } = demand.today;
  const seen = orders.filter((order) => order.tracked);
  const tracking = effect(events, { what: "ga4_tracking" });
  const sessions = Math.max(seen.length, round(`ga4/${entrance.id}`, demand.sessions * tracking));
  const steps = funnel(demand.wantedOrders * tracking, { stream, sessions, purchases: seen.length });
  const users = Math.round(sessions * 0.87);
  return {
    day,
    entrance,
    sessions,
    engagedSessions: Math.min(sessions, Math.max(steps.addToCarts, Math.round(sessions * 0.57 * jitter(stream, 0.05)))),
    users,
    newUsers: Math.round(users * (entrance.channel === "email" ? 0.15 : 0.64)),
    ...steps,
    purchases: seen.length,
    revenueCents: seen.reduce((sum, order) => sum + moneyOf(order).goods, 0),
  };
}

interface Visits {
  readonly stream: Stream;
  readonly sessions: number;
  readonly purchases: number;
}

/** Steps between visit and purchase, never fewer than the step after them. */
function funnel(wanted: number, { stream, sessions, purchases }: Visits) {
  const level = (amount: number, low: number) =>
    Math.min(sessions, Math.max(low, Math.round(amount * jitter(stream, 0.04))));
  const checkouts = level(wanted / ORDERS_PER_CHECKOUT, purchases);
  const addToCarts = level(wanted / ORDERS_PER_CHECKOUT / CHECKOUTS_PER_CART, checkouts);
  return { productViews: level(sessions * VIEWS_PER_SESSION, addToCarts), addToCarts, checkouts };
}
