import { addDays, dayNumber, type ISODate } from "../base/dates.js";
import { spread, weighted } from "./chance.js";
import { BOUNCE_PAGE } from "./follow-ups.js";
import { buyersOf, membersDay, memberVisit } from "./ga4-members.js";
import { arrival, type EventRow, eventRow, itemOf, itemsRow, pageView, pathOf, type Visit } from "./ga4-rows.js";
import { moneyOf } from "./orders.js";
import { localInstant } from "./shop-time.js";
import type { Order, Product, Refund, World } from "./types.js";

/** Of visitors who are no members the demo's export holds one in so many: all of them would be slow. */
const SAMPLE = 30;
/** Their visits per day that led to no order; the property counts about thirty times as many. */
const BROWSING_VISITS = 42;
/** Every so many visits: refused cookies, somebody who was here this week already. */
const EVERY = { refused: 12, again: 6 };
/** Different people of a week who come again. */
const PEOPLE_WHO_RETURN = 30;
/** Every so many orders the page of thanks is loaded again. */
const THANKED_AGAIN = 8;
const TERMS = ["candle", "linen shirt", "coffee", "gift set", "usb hub"];
const VAIN_TERMS = ["gift card", "bath mat", "kids hoodie"];

/** How visits without an order go, of a hundred: as in the property's totals six in ten see a product, six in a hundred fill a cart. */
const WAYS = [
  { way: "leave", share: 34 },
  { way: "pages", share: 4 },
  { way: "look", share: 45 },
  { way: "search", share: 8 },
  { way: "in_vain", share: 3 },
  { way: "cart", share: 4 },
  { way: "desk", share: 2 },
] as const;

/** Every event of a day of the demo's property, as rows of its table: visits that only looked, those that bought, what was paid back. */
export function eventsOfDay(world: World, day: ISODate): readonly EventRow[] {
  const browsing = Array.from({ length: BROWSING_VISITS }, (_, index) => browse(world, day, index));
  const tracked = world.orders.filter(
    (order) => order.tracked && order.entrance !== null && order.kind !== "test" && isExported(world, order),
  );
  const buying = tracked.filter((order) => order.day === day).map((order) => buy(world, order));
  const refunds = tracked.flatMap((order) =>
    order.refunds.filter((refund) => refund.day === day).map((refund) => payBack(world, order, refund)),
  );
  return [...browsing, ...membersDay(world, day), ...buying, refunds].flat();
}

/** A person is in the sample with every order, or with none. */
function isExported(world: World, { customer, number }: Order): boolean {
  if (customer === null) return number % SAMPLE === 0;
  return buyersOf(world).has(customer.id) || customer.id % SAMPLE === 0;
}

/** A stranger's visit without an order. */
function browse(world: World, day: ISODate, index: number): readonly EventRow[] {
  const number = dayNumber(day) * BROWSING_VISITS + index;
  const visit = strangerOf(day, number);
  const { way } = weighted(spread(number, "lines"), WAYS, ({ share }) => share);
  const first = productAt(world, number, 0);
  const second = productAt(world, number, 0.37);
  if (first === undefined || second === undefined) return [];
  const landed = landingOf(world, day, { index, product: first });
  // In the last week the campaigns lead to a page on which there is nothing to be done.
  if (landed === BOUNCE_PAGE && index % 4 !== 0) return arrival(visit, landed);
  const begin = arrival(visit, landed);
  if (way === "leave") return begin;
  const pages = [...begin, pageView(visit, 15, "/collections/all")];
  if (way === "pages") return [...pages, pageView(visit, 40, "/pages/about")];
  const looked = [
    ...pages,
    pageView(visit, 30, pathOf(first)),
    itemsRow(visit, "view_item", 30, [{ product: first, quantity: 1 }]),
  ];
  if (way === "look") return looked;
  const term = (list: readonly string[]) => list[number % list.length] ?? "";
  if (way === "search") return [...looked, eventRow(visit, "view_search_results", 50, { search_term: term(TERMS) })];
  if (way === "in_vain") {
    return [...pages, eventRow(visit, "no_search_results", 50, { no_search_results_term: term(VAIN_TERMS) })];
  }
  const cart = [{ product: first, quantity: 1 }, ...(number % 2 === 0 ? [{ product: second, quantity: 1 }] : [])];
  const left = [...looked, itemsRow(visit, "add_to_cart", 60, cart)];
  return way === "cart" ? left : [...left, itemsRow(visit, "begin_checkout", 90, cart)];
}

function strangerOf(day: ISODate, number: number): Visit {
  const at = localInstant(day, Math.floor((7 + 15 * spread(number, "guest")) * 3600));
  const again = number % EVERY.again === 0;
  const week = Math.floor(dayNumber(day) / 7);
  const person = again
    ? `${200_000_000 + ((number / EVERY.again) % PEOPLE_WHO_RETURN)}.${week}`
    : `${100_000_000 + number}.${Math.floor(at / 1000)}`;
  const visitor = number % EVERY.refused === 5 ? null : person;
  return {
    day,
    at,
    visitor,
    device: number % 3 === 0 ? "desktop" : "mobile",
    country: "United States",
    city: "New York",
    member: null,
  };
}

function landingOf(
  world: World,
  day: ISODate,
  { index, product }: { readonly index: number; readonly product: Product },
): string {
  if (day > addDays(world.to, -7) && index % 7 === 3) return BOUNCE_PAGE;
  if (index % 3 === 0) return "/";
  return index % 3 === 1 ? "/collections/all" : pathOf(product);
}

function productAt(world: World, number: number, from: number): Product | undefined {
  return weighted(spread(number, "product", from), world.products, ({ weight }) => weight);
}

function buyerOf(world: World, { id, at, day, customer, place, number }: Order): Visit {
  const member = customer === null ? undefined : buyersOf(world).get(customer.id);
  if (member !== undefined) return memberVisit(member, { day, at, isPhone: number % 2 === 0 });
  const [person, since] = customer === null ? [id, at] : [customer.id, customer.createdAt];
  const visitor = `${300_000_000 + (person % 100_000_000)}.${Math.floor(since / 1000)}`;
  const device = at % 3 === 0 ? "desktop" : "mobile";
  return { day, at, visitor, device, country: place.countryName, city: place.city, member: null };
}

/** An order with what led to it. */
function buy(world: World, order: Order): readonly EventRow[] {
  const visit = buyerOf(world, order);
  const [line] = order.lines;
  if (line === undefined) return [];
  const transaction = { transaction_id: String(order.number) };
  const paid = moneyOf(order).goods / 100;
  const items = order.lines.map(itemOf);
  const told = (name: string, seconds: number, params = {}) => ({
    ...eventRow(visit, name, seconds, { currency: world.currency, ...params }),
    items,
  });
  const bought = {
    ...told("purchase", 0, transaction),
    ecommerce: { ...transaction, purchase_revenue: paid, purchase_revenue_in_usd: paid },
  } as unknown as EventRow;
  const again =
    order.number % THANKED_AGAIN === 0 ? [{ ...bought, event_timestamp: bought.event_timestamp + 90_000_000 }] : [];
  return [
    ...arrival({ ...visit, member: null }, pathOf(line.product), -240),
    itemsRow(visit, "view_item", -235, [{ product: line.product, quantity: 1 }]),
    told("add_to_cart", -150),
    told("begin_checkout", -90),
    bought,
    ...again,
  ];
}

/** The shop's server tells it: of the visitor it knows the browser, not the session. */
function payBack(world: World, order: Order, refund: Refund): EventRow {
  const visit = { ...buyerOf(world, order), day: refund.day, at: refund.at, member: null };
  const paid = refund.lines.reduce((sum, line) => sum + line.goodsCents, 0);
  const transaction = { transaction_id: String(order.number) };
  const told = eventRow(visit, "refund", 0, { ...transaction, currency: world.currency });
  return {
    ...told,
    event_params: told.event_params.filter(({ key }) => key !== "ga_session_id"),
    ecommerce: { ...transaction, refund_value: paid / 100 },
  } as unknown as EventRow;
}
