import type { DateRange } from "../base/dates.js";
import { isCounted, moneyOf } from "./orders.js";
import type { AdDay, Channel, Order, TrafficDay, World } from "./types.js";

/** The truth about some days, as the metric catalog would measure it; money in cents. For checks of the answer key. */
export interface Truth {
  readonly orders: number;
  readonly new_orders: number;
  readonly gross: number;
  readonly discounts: number;
  readonly returns: number;
  readonly sessions: number;
  readonly purchases: number;
  readonly spend: number;
}

/** Adds up the days of a range, of one channel or of all; a refund counts on its own day and for its order's channel. */
export function measure(world: World, days: DateRange, channel?: Channel): Truth {
  const within = (day: string) => days.from <= day && day <= days.to;
  const mine = (order: Order) => isCounted(order) && (channel === undefined || order.entrance?.channel === channel);
  const here = (row: AdDay | TrafficDay) =>
    within(row.day) && (channel === undefined || row.entrance.channel === channel);
  const orders = world.orders.filter((order) => mine(order) && within(order.day));
  const money = orders.map(moneyOf);
  const refunds = world.orders.filter(mine).flatMap((order) => order.refunds.filter((refund) => within(refund.day)));
  const traffic = world.trafficDays.filter(here);
  return {
    orders: orders.length,
    new_orders: orders.filter((order) => order.customerIndex === 1).length,
    gross: sum(money.map(({ gross }) => gross)),
    discounts: sum(money.map(({ discount }) => discount)),
    returns: sum(refunds.flatMap((refund) => refund.lines.map((line) => line.goodsCents))),
    sessions: sum(traffic.map((row) => row.sessions)),
    purchases: sum(traffic.map((row) => row.purchases)),
    spend: sum(world.adDays.filter(here).map((row) => row.spendCents)),
  };
}

/** The value of a metric of the answer key. */
export function metricOf(truth: Truth, metric: string): number {
  const net = truth.gross - truth.discounts;
  const values: Readonly<Record<string, number>> = {
    orders: truth.orders,
    new_customers: truth.new_orders,
    aov: net / truth.orders,
    sessions: truth.sessions,
    spend: truth.spend,
    discounts: truth.discounts,
    returns: truth.returns,
    cvr: truth.orders / truth.sessions,
    blended_cac: truth.spend / truth.new_orders,
    new_customer_share: truth.new_orders / truth.orders,
    mer: (net - truth.returns) / truth.spend,
    roas: (net - truth.returns) / truth.spend,
    refund_rate: truth.returns / net,
    net_revenue: net - truth.returns,
  };
  return values[metric] ?? Number.NaN;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
