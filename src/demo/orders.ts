import { effect } from "./anomalies.js";
import { type Basket, fillBasket } from "./basket.js";
import { TRACKED_SHARE } from "./campaigns.js";
import { between, spread, weighted } from "./chance.js";
import type { Customer, DemoDay, Entrance, Line, Order, OrderKind, Place, Stream } from "./types.js";

const HOUR = 3_600_000;

const DISCOUNTED = 0.235;
const DISCOUNTED_IN_SALE = 0.62;
const CANCELLED = 0.011;
const GUEST = 0.07;
/** Of the returning orders that come in directly: the counter and phone orders. */
const STAFF = 0.07;

/** Discount codes, by percent. */
const CODES: Readonly<Record<number, string>> = { 5: "HELLO5", 10: "WELCOME10", 15: "FALL15", 20: "VIP20" };

/** Flat shipping, and the goods value from which it is free. */
const SHIPPING = {
  home: { cents: 5_95, freeFrom: 75_00 },
  abroad: { cents: 14_95, freeFrom: 150_00 },
} as const;

/** What is known about an order before the basket is filled. */
export interface OrderStart {
  /** 0, 1, 2 … over the whole window. */
  readonly sequence: number;
  readonly at: number;
  readonly customer: Customer | null;
  readonly customerIndex: number;
  readonly place: Place;
  readonly entrance: Entrance | null;
  readonly test: boolean;
}

/** Where and with what baskets are filled; `end` is the first instant that has not happened yet. */
export interface Counter {
  readonly today: DemoDay;
  readonly stream: Stream;
  readonly basket: Basket;
  readonly end: number;
}

/** Does this first-time buyer check out without an e-mail address? */
export function isGuest(sequence: number): boolean {
  return spread(sequence, "guest") < GUEST;
}

/** Is this order by a known customer one that staff entered? */
export function isStaffOrder(sequence: number, entrance: Entrance): boolean {
  return entrance.channel === "direct" && spread(sequence, "staff") < STAFF;
}

/** Fills the basket and tells the order's further life, except for its refunds. */
export function fillOrder(start: OrderStart, { today, stream, basket, end }: Counter): Order {
  const { sequence, at, place } = start;
  const planned = start.test ? "test" : kindOf(sequence);
  const cancelTime = at + between(stream, 1, 20) * HOUR;
  const kind = planned === "cancelled" && cancelTime >= end ? "normal" : planned;
  const code = codeOf(kind, sequence, today.sale);
  const lines = fillBasket(basket, { sequence, stream, percent: code?.percent ?? 0, taxBps: place.taxBps });
  const shipped = at + between(stream, 20, 70) * HOUR;
  return {
    id: 5_900_000_000_000 + (sequence + 1) * 11,
    number: 1001 + sequence,
    kind,
    at,
    day: today.day,
    customer: start.customer,
    customerIndex: start.customerIndex,
    place,
    entrance: start.entrance,
    sourceName: start.entrance !== null || start.test ? "web" : sequence % 3 === 0 ? "shopify_draft_order" : "pos",
    tracked: start.entrance !== null && isTracked(sequence, today),
    code,
    lines,
    shippingCents: kind === "gift" || start.entrance === null ? 0 : shipping(lines, place),
    refunds: [],
    cancelledAt: kind === "cancelled" ? cancelTime : null,
    fulfilledAt: kind === "cancelled" || kind === "pending" || shipped >= end ? null : shipped,
    updatedAt: Math.min(at + 95_000, end - 1000),
  };
}

function kindOf(sequence: number): OrderKind {
  if (sequence % 450 === 200) return "gift";
  if (sequence % 1500 === 700) return "pending";
  return spread(sequence, "cancel") < CANCELLED ? "cancelled" : "normal";
}

function isTracked(sequence: number, { events }: DemoDay): boolean {
  return spread(sequence, "tracked") < TRACKED_SHARE * effect(events, { what: "ga4_tracking" });
}

function codeOf(kind: OrderKind, sequence: number, sale: boolean): Order["code"] {
  if (kind === "gift") return { text: `FRIEND${100 + (sequence % 900)}`, percent: 100 };
  if (spread(sequence, "discount") >= (sale ? DISCOUNTED_IN_SALE : DISCOUNTED)) return null;
  const percent = sale ? 20 : weighted<number>(spread(sequence, "percent"), [5, 10, 10, 15, 20], () => 1);
  return { text: sale ? "BFCM20" : (CODES[percent] ?? "HELLO5"), percent };
}

function shipping(lines: readonly Line[], place: Place): number {
  const rate = place.country === "US" ? SHIPPING.home : SHIPPING.abroad;
  return goodsOf(lines) >= rate.freeFrom ? 0 : rate.cents;
}

function goodsOf(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.unitCents * line.quantity - line.discountCents, 0);
}

/** An order's money in cents; `total` is what the customer was asked to pay when ordering. */
export interface OrderMoney {
  readonly gross: number;
  readonly discount: number;
  /** Gross less discount. */
  readonly goods: number;
  readonly tax: number;
  readonly shipping: number;
  readonly total: number;
  /** Goods, tax and shipping given back so far. */
  readonly refunded: number;
}

/** Adds up the lines and refunds of an order. */
export function moneyOf(order: Pick<Order, "lines" | "shippingCents" | "refunds">): OrderMoney {
  const gross = order.lines.reduce((sum, line) => sum + line.unitCents * line.quantity, 0);
  const goods = goodsOf(order.lines);
  const tax = order.lines.reduce((sum, line) => sum + line.taxCents, 0);
  const refunded = order.refunds.reduce((sum, refund) => {
    const lines = refund.lines.reduce((part, line) => part + line.goodsCents + line.taxCents, 0);
    return sum + refund.shippingCents + lines;
  }, 0);
  const total = goods + tax + order.shippingCents;
  return { gross, discount: gross - goods, goods, tax, shipping: order.shippingCents, total, refunded };
}

/** Was the order placed for good? What reports count: no tests, nothing cancelled, nothing unpaid. Gifts count. */
export function isCounted(order: { readonly kind: OrderKind }): boolean {
  return order.kind === "normal" || order.kind === "gift";
}
