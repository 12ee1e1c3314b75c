import { type DateRange, daysBetween, type ISODate } from "../base/dates.js";
import type { RefundWave } from "./anomalies.js";
import { between, pick, spread } from "./chance.js";
import { moneyOf } from "./orders.js";
import { localDay, localInstant } from "./shop-time.js";
import type { Line, Order, Refund, RefundLine, Stream, Streams } from "./types.js";

/** Share of the orders that get money back, the share of those that gets all of it, and what comes back on average. */
const REFUNDED = 0.08;
const IN_FULL = 0.45;
const MEAN_PART = 0.75;

/** Ordinary returns arrive so many days after the order. */
const SOONEST = 4;
const LATEST = 26;

const NOTES = ["Did not fit", "Changed mind", "Arrived damaged", "Wrong item", "Late delivery"] as const;

/** What refunds depend on beside the orders; `end` is the first instant that has not happened yet. */
export interface RefundPlan {
  readonly days: readonly ISODate[];
  readonly waves: readonly RefundWave[];
  readonly streams: Streams;
  readonly end: number;
}

/** The refunds by order number: money of cancelled orders, waves of a faulty product, and ordinary returns. */
export function refundsOf(orders: readonly Order[], plan: RefundPlan): ReadonlyMap<number, Refund> {
  const refunds = new Map<number, Refund>();
  const add = (order: Order, refund: Refund) => {
    if (refund.at < plan.end) refunds.set(order.number, refund);
  };
  for (const order of orders) if (wasPaidBack(order)) add(order, cancelRefund(order));
  for (const wave of plan.waves) {
    const stream = plan.streams("refund wave", wave.product);
    for (const order of orders) if (comesBack(order, wave)) add(order, waveRefund(order, wave, stream));
  }
  ordinary(orders, plan, { has: (order) => refunds.has(order.number), add });
  return refunds;
}

/** Half of the cancelled orders had been paid already; for the others the payment was only voided. */
function wasPaidBack(order: Order): order is Order & { readonly cancelledAt: number } {
  return order.cancelledAt !== null && order.number % 2 === 1;
}

function cancelRefund(order: Order & { readonly cancelledAt: number }): Refund {
  const lines = order.lines.map((line) => back(line, line.quantity));
  return refund(order, { at: order.cancelledAt, lines, shipping: true, restocked: true, note: "Order cancelled" });
}

function comesBack(order: Order, wave: RefundWave): boolean {
  const sold = order.kind === "normal" && inRange(order.day, wave.sold);
  if (!sold || !order.lines.some((line) => line.product.handle === wave.product)) return false;
  return spread(order.number, "refund") < wave.share;
}

function inRange(day: string, range: DateRange): boolean {
  return range.from <= day && day <= range.to;
}

/** The faulty goods come back on one of the wave's days, in office hours. */
function waveRefund(order: Order, wave: RefundWave, stream: Stream): Refund {
  const day = between(stream, 0, daysBetween(wave.back.from, wave.back.to));
  const at = localInstant(wave.back.from, 9 * 3600 + between(stream, 0, 8 * 3600)) + day * 86_400_000;
  const faulty = order.lines.filter((line) => line.product.handle === wave.product);
  const lines = faulty.map((line) => back(line, line.quantity));
  return refund(order, { at, lines, shipping: false, restocked: false, note: "Faulty batch" });
}

interface Ledger {
  readonly has: (order: Order) => boolean;
  readonly add: (order: Order, refund: Refund) => void;
}

/**
 * Every day the expected value of returns falls due; orders of the past weeks are drawn until it is used up. What is
 * overdrawn is missing the next day, so that refunds, like everything else, keep their pace from week to week.
 */
function ordinary(orders: readonly Order[], { days, streams }: RefundPlan, ledger: Ledger): void {
  const sold = days.map((): Order[] => []);
  const goods = new Map(orders.map((order) => [order, moneyOf(order).goods]));
  const first = days[0];
  if (first === undefined) return;
  for (const order of orders) if (order.kind === "normal") sold[daysBetween(first, order.day)]?.push(order);
  let due = 0;
  for (const [index, day] of days.entries()) {
    const stream = streams("refunds", day);
    const pool = sold.slice(Math.max(0, index - LATEST), Math.max(0, index - SOONEST + 1)).flat();
    const value = pool.reduce((sum, order) => sum + (goods.get(order) ?? 0), 0);
    due += (value * REFUNDED * MEAN_PART) / (LATEST - SOONEST + 1);
    const open = pool.filter((order) => !ledger.has(order));
    while (due > 0 && open.length > 0) {
      const [order] = open.splice(Math.floor(stream() * open.length), 1);
      if (order === undefined) break;
      const drawn = ordinaryRefund(order, localInstant(day, 9 * 3600 + between(stream, 0, 9 * 3600)), stream);
      due -= drawn.lines.reduce((sum, line) => sum + line.goodsCents, 0);
      ledger.add(order, drawn);
    }
  }
}

function ordinaryRefund(order: Order, at: number, stream: Stream): Refund {
  const restocked = stream() < 0.7;
  const note = pick(stream, NOTES);
  if (stream() < IN_FULL) {
    const lines = order.lines.map((line) => back(line, line.quantity));
    return refund(order, { at, lines, shipping: stream() < 0.3, restocked, note });
  }
  const line = pick(stream, order.lines);
  return refund(order, {
    at,
    lines: [back(line, between(stream, 1, line.quantity))],
    shipping: false,
    restocked,
    note,
  });
}

function back(line: Line, quantity: number): RefundLine {
  const goods = line.unitCents * line.quantity - line.discountCents;
  return {
    line,
    quantity,
    goodsCents: Math.round((goods * quantity) / line.quantity),
    taxCents: Math.round((line.taxCents * quantity) / line.quantity),
  };
}

interface Draft {
  readonly at: number;
  readonly lines: readonly RefundLine[];
  readonly shipping: boolean;
  readonly restocked: boolean;
  readonly note: string;
}

function refund(order: Order, { at, lines, shipping, restocked, note }: Draft): Refund {
  return {
    id: 910_000_000_000 + order.number * 13,
    at,
    day: localDay(at),
    lines,
    shippingCents: shipping ? order.shippingCents : 0,
    restocked,
    note,
  };
}
