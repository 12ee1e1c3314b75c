import seedrandom from "seedrandom";
import { addDays, daysOf } from "../base/dates.js";
import { EVENTS, refundWaves } from "./anomalies.js";
import { newBasket } from "./basket.js";
import { catalogue } from "./catalogue.js";
import { carrying, weighted } from "./chance.js";
import { type Appetite, type CustomerBook, customerBook } from "./customers.js";
import { type Demand, demandOf } from "./demand.js";
import { fillOrder, isGuest, isStaffOrder, type OrderStart } from "./orders.js";
import { drawPlace, SHOP_PLACE } from "./people.js";
import { type RefundPlan, refundsOf } from "./refunds.js";
import { adDayOf, ordersByEntrance, trafficDayOf } from "./results.js";
import { demoDay } from "./season.js";
import { localInstant, TIME_ZONE } from "./shop-time.js";
import type { DemoDay, DemoOptions, Entrance, Order, Rounder, Stream, Streams, World } from "./types.js";

/** Orders by hour of the day, midnight first. */
const HOURS = [8, 4, 2, 1, 1, 3, 10, 24, 38, 50, 58, 64, 70, 66, 60, 58, 58, 62, 68, 80, 92, 84, 54, 24].map(
  (weight, hour) => ({ weight, hour }),
);

/** Days since the start on which staff try the checkout. */
const TEST_DAYS = [20, 50, 80, 110, 140, 170];

/**
 * Makes the whole ground truth. Draws come from streams named by (seed, what, day), so the same options always give the
 * same world, and a change to one part leaves the dice of the others as they were.
 */
export function makeWorld(options: DemoOptions): World {
  const key = JSON.stringify(options);
  if (last?.key !== key) last = { key, world: newWorld(options) };
  return last.world;
}

/** Platforms, pushed data and the answer key ask for the same world, one after the other: it takes a second to make. */
let last: { readonly key: string; readonly world: World } | undefined;

function newWorld(options: DemoOptions): World {
  const streams: Streams = (name, part) => seedrandom.alea(`${options.seed}/${name}/${part}`);
  const round = carrying((key) => streams("carry", key)());
  const events = options.events ?? EVENTS;
  const from = addDays(options.asOf, -options.days);
  const to = addDays(options.asOf, -1);
  const days = daysOf({ from, to });
  const end = localInstant(options.asOf, 0);
  const products = catalogue();
  const basket = newBasket(products);
  const book = customerBook();

  const demands: Demand[] = [];
  const placed: Order[] = [];
  for (const [index, day] of days.entries()) {
    const today = demoDay(day, index, events);
    const known = book.open(index);
    const demand = demandOf(today, { returning: known.expected, stream: streams("demand", day), round });
    demands.push(...demand);
    const counter = { today, stream: streams("baskets", day), basket, end };
    const buyers = placeOrders({ today, demand, book, known, stream: streams("buyers", day) }, placed.length);
    placed.push(...buyers.map((start) => fillOrder(start, counter)));
  }
  const orders = withRefunds(placed, { days, waves: refundWaves(events), streams, end });
  const shop = { options, from, to, timeZone: TIME_ZONE, currency: "USD", products };
  return { ...shop, customers: book.all(), orders, ...reported(demands, orders, { streams, round }) };
}

function withRefunds(orders: readonly Order[], plan: RefundPlan): readonly Order[] {
  const refunds = refundsOf(orders, plan);
  return orders.map((order) => {
    const refund = refunds.get(order.number);
    const times = [order.updatedAt, order.fulfilledAt ?? 0, order.cancelledAt ?? 0, refund?.at ?? 0];
    return { ...order, refunds: refund === undefined ? [] : [refund], updatedAt: Math.max(...times) };
  });
}

/** What the ad platforms and GA4 say about the same orders. */
function reported(
  demands: readonly Demand[],
  orders: readonly Order[],
  { streams, round }: { readonly streams: Streams; readonly round: Rounder },
): Pick<World, "adDays" | "trafficDays"> {
  const ordersAt = ordersByEntrance(orders);
  const streamOf = onePerDay((day) => streams("traffic", day));
  const outcomes = demands.map((demand) => ({ demand, orders: ordersAt(demand.today.day, demand.entrance.id) }));
  return {
    adDays: outcomes.flatMap((outcome) => adDayOf(outcome, round) ?? []),
    trafficDays: outcomes.map((outcome) => trafficDayOf(outcome, round, streamOf(outcome.demand.today.day))),
  };
}

/** Keeps the stream of the day while the days follow one another. */
function onePerDay(make: (day: string) => Stream): (day: string) => Stream {
  let current: { readonly day: string; readonly stream: Stream } | undefined;
  return (day) => {
    if (current?.day !== day) current = { day, stream: make(day) };
    return current.stream;
  };
}

interface Doors {
  readonly today: DemoDay;
  readonly demand: readonly Demand[];
  readonly book: CustomerBook;
  readonly known: Appetite;
  readonly stream: Stream;
}

interface Slot {
  readonly at: number;
  readonly entrance: Entrance | null;
  readonly buyer: "new" | "returning" | "test";
}

/** The day's orders in order of time: who buys is decided here, what they buy in `basket.ts`. */
function placeOrders(doors: Doors, before: number): readonly OrderStart[] {
  const { today, book, stream } = doors;
  const slots = slotsOf(doors);
  const returning = slots.filter((slot) => slot.buyer === "returning").length;
  const queue = doors.known.draw(returning, stream)[Symbol.iterator]();
  const starts: OrderStart[] = [];
  for (const { at, entrance, buyer } of slots) {
    const sequence = before + starts.length;
    const base = { sequence, at, test: buyer === "test" };
    if (buyer === "returning") {
      const customer = queue.next().value;
      // On the first days there are fewer people who could return than visits for them.
      if (customer === undefined) continue;
      const staff = entrance !== null && isStaffOrder(sequence, entrance);
      const where = staff ? { entrance: null, place: SHOP_PLACE } : { entrance, place: customer.place };
      starts.push({ ...base, ...where, customer, customerIndex: book.ordersOf(customer) });
    } else if (buyer === "test" || isGuest(sequence)) {
      starts.push({ ...base, entrance, place: drawPlace(stream), customer: null, customerIndex: 0 });
    } else {
      const customer = book.admit(today.index, at, stream);
      starts.push({ ...base, entrance, place: customer.place, customer, customerIndex: 1 });
    }
  }
  return starts;
}

function slotsOf({ today, demand, stream }: Doors): readonly Slot[] {
  const at = () => localInstant(today.day, Math.floor((hourOf(stream) + stream()) * 3600));
  const slots = demand.flatMap(({ entrance, newOrders, returningOrders }): readonly Slot[] => [
    ...Array.from({ length: newOrders }, () => ({ at: at(), entrance, buyer: "new" as const })),
    ...Array.from({ length: returningOrders }, () => ({ at: at(), entrance, buyer: "returning" as const })),
  ]);
  const test: readonly Slot[] = TEST_DAYS.includes(today.index) ? [{ at: at(), entrance: null, buyer: "test" }] : [];
  return [...slots, ...test].sort((a, b) => a.at - b.at);
}

function hourOf(stream: Stream): number {
  return weighted(stream(), HOURS, (item) => item.weight).hour;
}
