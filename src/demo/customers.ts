import { jitter, spread, weighted } from "./chance.js";
import { drawPerson, drawPlace } from "./people.js";
import type { Customer, Stream } from "./types.js";

/**
 * How people come back: share of the customers, and orders per ordinary day while they are active. Half hardly ever,
 * one in twenty almost weekly. Together: about a fifth orders again within 30 days.
 */
const HABITS = [
  { share: 0.53, perDay: 0.0018 },
  { share: 0.2, perDay: 0.0117 },
  { share: 0.13, perDay: 0.0315 },
  { share: 0.08, perDay: 0.074 },
  { share: 0.06, perDay: 0.127 },
] as const;

/** After each order, this share never comes back. */
const LOST_PER_ORDER = 0.01;

/** Days after an order in which nobody reorders; then appetite returns slowly. */
const FULL = 3;
const HUNGRY = 26;

interface Entry {
  readonly customer: Customer;
  orders: number;
  lastIndex: number;
  active: boolean;
}

/** Who has bought so far, and who is likely to buy today. */
export interface CustomerBook {
  /** A new customer who orders for the first time on day `index`, at an instant. */
  readonly admit: (index: number, at: number, stream: Stream) => Customer;
  /** The appetite of the known customers on day `index`. */
  readonly open: (index: number) => Appetite;
  /** How many orders a customer has placed. */
  readonly ordersOf: (customer: Customer) => number;
  readonly all: () => readonly Customer[];
}

/** One day's appetite. */
export interface Appetite {
  /** Expected orders by known customers if the day were an ordinary one. */
  readonly expected: number;
  /** `count` different known customers, each as likely as their appetite; fewer when there are not as many. */
  readonly draw: (count: number, stream: Stream) => readonly Customer[];
}

/** An empty book; day indexes count from the first day of the window. */
export function customerBook(): CustomerBook {
  const entries: Entry[] = [];
  const byId = new Map<number, Entry>();

  function note(entry: Entry, index: number, stream: Stream): Customer {
    entry.orders += 1;
    entry.lastIndex = index;
    if (stream() < LOST_PER_ORDER) entry.active = false;
    return entry.customer;
  }

  return {
    admit: (index, at, stream) => {
      const number = entries.length;
      const entry: Entry = { customer: newCustomer(number, at, stream), orders: 0, lastIndex: index, active: true };
      entries.push(entry);
      byId.set(entry.customer.id, entry);
      return note(entry, index, stream);
    },
    open: (index) => {
      const weights = entries.map((entry) => appetite(entry, index));
      const expected = weights.reduce((sum, weight) => sum + weight, 0);
      const draw: Appetite["draw"] = (count, stream) => {
        const chosen = systematic(weights, { total: expected, count, start: stream() });
        return chosen.flatMap((place) => entries[place] ?? []).map((entry) => note(entry, index, stream));
      };
      return { expected, draw };
    },
    ordersOf: (customer) => byId.get(customer.id)?.orders ?? 0,
    all: () => entries.map((entry) => entry.customer),
  };
}

function newCustomer(number: number, at: number, stream: Stream): Customer {
  const habit = weighted(spread(number, "habit"), HABITS, (item) => item.share);
  return {
    id: 7_300_000_000_000 + (number + 1) * 7,
    ...drawPerson(stream, number),
    place: drawPlace(stream),
    ordersPerDay: habit.perDay * jitter(stream, 0.3),
    createdAt: at - 60_000 - Math.floor(stream() * 600) * 1000,
  };
}

function appetite(entry: Entry, index: number): number {
  const since = index - entry.lastIndex;
  if (!entry.active || since < FULL) return 0;
  return entry.customer.ordersPerDay * (since < HUNGRY ? 0.55 : 1);
}

/** Systematic sampling: walks the cumulated weights in equal strides, so nobody is drawn twice and luck evens out. */
function systematic(
  weights: readonly number[],
  { total, count, start }: { readonly total: number; readonly count: number; readonly start: number },
): readonly number[] {
  const stride = total / Math.max(1, count);
  const chosen: number[] = [];
  let next = start * stride;
  let sum = 0;
  for (let place = 0; place < weights.length && chosen.length < count; place++) {
    const weight = weights[place] ?? 0;
    sum += weight;
    if (weight === 0 || sum <= next) continue;
    chosen.push(place);
    next += stride;
  }
  return chosen;
}
