import { addDays, addMonths, type ISODate, isoDate, isoWeekday } from "../base/dates.js";
import { decimalText } from "../base/money.js";
import { moneyOf } from "./orders.js";
import { localInstant } from "./shop-time.js";
import { gateway, isVoided, paymentId } from "./shopify-order.js";
import type { Order, World } from "./types.js";

/** Banks work from Monday to Friday. */
const FRIDAY = 5;
const MONDAY = 1;
/** Business days between a payment and its payout. */
const SETTLES_AFTER = 2;
/** What is kept of a payment: basis points, and cents. */
const FEE = { bps: 290, cents: 30 } as const;
/** What a bank takes for a dispute, and gives back when it is won. */
const DISPUTE_FEE = 15_00;
/** Every so many orders one is disputed; the first of them is won. */
const DISPUTED_EVERY = 1500;
const DISPUTED_PLACE = 407;
const DISPUTED_AFTER = 18;
const WON_AFTER = 45;

/** One payout as its payer tells it. */
export interface DemoPayout {
  /** The end of the address that it is pushed to. */
  readonly payer: "shopify_payments" | "paypal" | "cash";
  /** Ms since 1970 UTC. */
  readonly at: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Money that moved: signed cents, and what was kept of it. */
interface Movement {
  readonly type: "charge" | "refund" | "dispute" | "dispute_reversal";
  readonly order: Order;
  readonly id: string;
  readonly day: ISODate;
  readonly at: number;
  readonly cents: number;
  readonly fee: number;
}

/**
 * What reached the shop's bank, oldest first, with every transaction named: Shopify Payments on business days, PayPal on Mondays, the
 * till's cash on the first Monday of a month. What was paid on the last days, and what was never paid, is in none.
 */
export function demoPayouts(world: World): readonly DemoPayout[] {
  const moved = new Map<DemoPayout["payer"], Movement[]>();
  for (const order of world.orders) {
    const payer = payerOf(order);
    if (payer === null) continue;
    moved.set(payer, [...(moved.get(payer) ?? []), ...movementsOf(order, payer)]);
  }
  return [...moved]
    .flatMap(([payer, movements]) => payoutsOf(payer, movements, world))
    .sort((a, b) => a.at - b.at || (a.payer < b.payer ? -1 : 1));
}

/** Null: nobody paid. */
function payerOf(order: Order): DemoPayout["payer"] | null {
  const by = gateway(order);
  if (order.kind === "pending" || isVoided(order) || moneyOf(order).total === 0) return null;
  return by === "shopify_payments" || by === "paypal" || by === "cash" ? by : null;
}

function movementsOf(order: Order, payer: DemoPayout["payer"]): readonly Movement[] {
  const { total } = moneyOf(order);
  const fee = payer === "cash" ? 0 : Math.round((total * FEE.bps) / 10_000) + FEE.cents;
  const id = paymentId(order);
  const charge: Movement = { type: "charge", order, id, day: order.day, at: order.at, cents: total, fee };
  const refunds = order.refunds.map((refund): Movement => {
    const cents = refund.lines.reduce((sum, line) => sum + line.goodsCents + line.taxCents, refund.shippingCents);
    return { type: "refund", order, id: String(refund.id), day: refund.day, at: refund.at, cents: -cents, fee: 0 };
  });
  return [charge, ...refunds, ...(payer === "shopify_payments" ? disputeOf(order, total) : [])];
}

function disputeOf(order: Order, total: number): readonly Movement[] {
  if (order.number % DISPUTED_EVERY !== DISPUTED_PLACE || order.refunds.length > 0) return [];
  const step = (type: "dispute" | "dispute_reversal", days: number, sign: 1 | -1): Movement => {
    const day = addDays(order.day, days);
    const at = localInstant(day, 10 * 3600);
    return { type, order, id: `${type}-${order.id}`, day, at, cents: sign * total, fee: -sign * DISPUTE_FEE };
  };
  const lost = step("dispute", DISPUTED_AFTER, -1);
  return order.number < DISPUTED_EVERY * 2 ? [lost, step("dispute_reversal", WON_AFTER, 1)] : [lost];
}

function payoutsOf(
  payer: DemoPayout["payer"],
  movements: readonly Movement[],
  { to, currency }: World,
): readonly DemoPayout[] {
  const byDay = new Map<ISODate, Movement[]>();
  for (const movement of movements) {
    const day = paidOn(payer, movement.day);
    if (day <= to) byDay.set(day, [...(byDay.get(day) ?? []), movement]);
  }
  const money = (minor: number) => decimalText({ minor, currency });
  return [...byDay].map(([day, own]) => {
    const gross = own.reduce((sum, { cents }) => sum + cents, 0);
    const fees = own.reduce((sum, { fee }) => sum + fee, 0);
    const named = [...own].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    const body = {
      ref_id: `po-${day.replaceAll("-", "")}`,
      status: "paid",
      date: day,
      amount: money(gross - fees),
      currency,
      transactions: named.map((one) => transactionOf(one, money)),
    };
    return { payer, at: localInstant(day, 9 * 3600), body };
  });
}

function transactionOf({ type, order, id, at, cents, fee }: Movement, money: (minor: number) => string) {
  return {
    ...(type === "charge" ? { transaction_id: id } : { id }),
    type,
    order: `#${order.number}`,
    date: new Date(at).toISOString(),
    amount: money(cents),
    fee: money(fee),
  };
}

function paidOn(payer: DemoPayout["payer"], day: ISODate): ISODate {
  if (payer === "shopify_payments") return businessDayAfter(day, SETTLES_AFTER);
  return mondayAfter(payer === "paypal" ? day : addDays(addMonths(isoDate(`${day.slice(0, 7)}-01`), 1), -1));
}

function businessDayAfter(day: ISODate, count: number): ISODate {
  let [found, left] = [day, count];
  while (left > 0) {
    found = addDays(found, 1);
    if (isoWeekday(found) <= FRIDAY) left -= 1;
  }
  return found;
}

/** The first Monday that is later. */
function mondayAfter(day: ISODate): ISODate {
  let found = addDays(day, 1);
  while (isoWeekday(found) !== MONDAY) found = addDays(found, 1);
  return found;
}
